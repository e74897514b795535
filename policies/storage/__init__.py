"""Rules about buckets, logs and their data."""
