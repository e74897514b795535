"""Rows of logs."""

from sandbox.provider.row import Row

ROWS: tuple[Row, ...] = ()
