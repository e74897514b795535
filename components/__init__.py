"""Pulumi components, one a file, one folder per chapter; they declare and decide nothing."""
