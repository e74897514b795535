"""The local cloud's `kubernetes` provider: the place of the official one, on the same protocol."""
