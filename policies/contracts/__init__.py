"""Rules about what other programs read."""
