"""The network of a region."""
