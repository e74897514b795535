"""Clients of the local cloud's services, through its front door: what is lost there is lost for them."""

import threading
from typing import Any

# Nobody waits longer for one attempt; there is another one.
_SECONDS = 10


class Clients:
    """One client for each service and region, made when it is first needed.

    Args:
        endpoint: the local cloud's address.
    """

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._clients: dict[tuple[str, str], Any] = {}
        self._session: Any = None
        self._lock = threading.Lock()

    def of(self, service: str, region: str) -> Any:
        """The client of a service, by boto3's name for it, that asks once and does not wait long."""
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._made(service, region)
            return self._clients[service, region]

    def _made(self, service: str, region: str) -> Any:
        # Imported on first use: it takes as long as everything else in these processes, and half of their memory.
        import boto3
        from botocore.config import Config

        self._session = self._session or boto3.Session()
        limits = Config(connect_timeout=_SECONDS, read_timeout=_SECONDS, retries={"total_max_attempts": 1})
        return self._session.client(
            service,
            region_name=region,
            endpoint_url=self._endpoint,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - any will do
            config=limits,
        )
