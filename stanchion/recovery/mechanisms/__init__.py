"""Mechanisms, one file each; a new one is a new file with a `MECHANISM`, and its test."""
