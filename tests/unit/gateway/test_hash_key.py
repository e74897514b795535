import asyncio
import base64
import json
from typing import Any

import pytest

from gateway.hash_key import HashKeys


class Secrets:
    """Gives one value after another; an exception is raised."""

    def __init__(self, *values: str | Exception) -> None:
        self.values = list(values)

    def get_secret_value(self, SecretId: str) -> dict[str, Any]:
        assert SecretId == "hash"
        value = self.values.pop(0)
        if isinstance(value, Exception):
            raise value
        return {"SecretString": value}


def secret(key_id: str, content: bytes = b"k" * 32) -> str:
    return json.dumps({"id": key_id, "secret": base64.b64encode(content).decode()})


def read(*values: str | Exception) -> HashKeys:
    keys = HashKeys(Secrets(*values), "hash")

    async def scenario() -> None:
        for _ in values:
            await keys._read()

    asyncio.run(scenario())
    return keys


def test_the_last_good_one_stays() -> None:
    keys = read(secret("1"), OSError("gone"), "{", secret("3", b"short"), '{"id": "4"}')
    assert keys.current is not None
    assert keys.current.id == "1"
    assert read(secret("1"), secret("2")).current.id == "2"  # type: ignore[union-attr]


def test_without_one_there_is_none_and_nothing_tells_what_the_secret_held(caplog: pytest.LogCaptureFixture) -> None:
    assert read("not-a-document-but-private").current is None
    assert "private" not in caplog.text
    assert "can't be read" in caplog.text
