"""The key of keyed hashes, from Secrets Manager; without it nothing is hashed, and what had to be is left out."""

import asyncio
import logging
from typing import Any

from gateway.repeating import Repeating
from stanchion.events.hash_keys import key_of
from stanchion.events.payloads import HashKey

log = logging.getLogger(__name__)
# A new key is taken within that time; one that could not be read is asked for again soon.
_REFRESH_SECONDS, _RETRY_SECONDS = 300.0, 10.0


class HashKeys:
    """Keeps the key that is current.

    Args:
        client: boto3's of `secretsmanager`.
        name: of the secret; its value is `{"id": "...", "secret": "<base64>"}`.
    """

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._name = client, name
        self.current: HashKey | None = None
        self._reading = Repeating(self._read, lambda: _REFRESH_SECONDS if self.current is not None else _RETRY_SECONDS)

    async def start(self) -> None:
        """Read it, and go on reading it."""
        await self._reading.start()

    async def close(self) -> None:
        """Read it no more."""
        await self._reading.close()

    async def _read(self) -> None:
        try:
            answer = await asyncio.to_thread(self._client.get_secret_value, SecretId=self._name)
            self.current = key_of(answer["SecretString"])
        # The last one stays; what the secret holds is said nowhere.
        except Exception as error:
            log.warning("the secret '%s' with the key of hashes can't be read: %s", self._name, type(error).__name__)
