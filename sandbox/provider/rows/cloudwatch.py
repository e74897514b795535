"""Rows of cloudwatch."""

from sandbox.provider.row import Row

ROWS: tuple[Row, ...] = ()
