"""Clients of AWS, each with the patience its use allows. Imported when a gateway starts, never by a request."""

from typing import Any

import boto3
from botocore.config import Config


def client(service: str, region: str, *, read_seconds: float = 2.0, attempts: int = 2, connections: int = 10) -> Any:
    """A client that gives up soon: whoever asks has something to do without the answer.

    Args:
        service: as boto3 calls it.
        region: of the gateway.
        read_seconds: for an answer.
        attempts: in all.
        connections: at a time.
    """
    settings = Config(
        connect_timeout=1.0,
        read_timeout=read_seconds,
        retries={"total_max_attempts": attempts, "mode": "standard"},
        max_pool_connections=connections,
    )
    return boto3.client(service, region_name=region, config=settings)
