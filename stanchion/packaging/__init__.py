"""Packages functions for Lambda: an archive of each one's code, and one layer with what they depend on."""
