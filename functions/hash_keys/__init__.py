"""Makes the key of keyed hashes when there is none, and a new one when it is old; nobody else writes it."""
