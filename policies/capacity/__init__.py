"""Rules about the capacity that serves."""
