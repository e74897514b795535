"""The key of keyed hashes, from Secrets Manager; without it nothing is hashed, and what had to be is left out."""

import asyncio
import base64
import contextlib
import json
import logging
from typing import Any

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
        self._task: asyncio.Task[None] | None = None
        self.current: HashKey | None = None

    async def start(self) -> None:
        """Read it, and go on reading it."""
        await self._read()
        self._task = asyncio.create_task(self._go_on())

    async def close(self) -> None:
        """Read it no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(_REFRESH_SECONDS if self.current is not None else _RETRY_SECONDS)
            await self._read()

    async def _read(self) -> None:
        try:
            answer = await asyncio.to_thread(self._client.get_secret_value, SecretId=self._name)
            found = json.loads(answer["SecretString"])
            self.current = HashKey(str(found["id"]), base64.b64decode(found["secret"], validate=True))
        # The last one stays; what the secret holds is said nowhere.
        except Exception as error:
            log.warning("the secret '%s' with the key of hashes can't be read: %s", self._name, type(error).__name__)
