"""Rows of s3_replication."""

from sandbox.provider.row import Row

ROWS: tuple[Row, ...] = ()
