"""Rows of Amazon SNS: a topic's attributes are one map of strings."""

from sandbox.provider.row import Row

ROWS: tuple[Row, ...] = ()
