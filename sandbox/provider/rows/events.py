"""Rows of events."""

from sandbox.provider.row import Row

ROWS: tuple[Row, ...] = ()
