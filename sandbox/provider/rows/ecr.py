"""Rows of ecr."""

from sandbox.provider.row import Row

ROWS: tuple[Row, ...] = ()
