"""Rows of ec2."""

from sandbox.provider.row import Row

ROWS: tuple[Row, ...] = ()
