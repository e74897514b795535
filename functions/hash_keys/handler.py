"""`handler`: what Lambda calls, by the clock."""

import logging
import os
import secrets
import uuid
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config

from stanchion.events.hash_keys import BYTES, HashKeySettings, is_due, text_of
from stanchion.events.payloads import HashKey

# Lambda's own handler of logs is there already; only its level is ours.
logging.getLogger().setLevel(logging.INFO)
log = logging.getLogger(__name__)
_PATIENCE = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})


def handler(event: Any, context: Any) -> dict[str, Any]:  # noqa: ARG001
    """Make a key if one is due.

    Two runs at once may both make one; the later is current, and the earlier was used for a moment at most.

    Args:
        event: of the schedule.
        context: Lambda's.

    Returns:
        Whether a key was made, and its id; never the key.
    """
    settings = HashKeySettings.read(os.environ)
    client: Any = boto3.Session().client("secretsmanager", config=_PATIENCE)
    now = datetime.now(UTC)
    if not is_due(_current(client, settings.secret), now, settings.days):
        return {"made": False, "id": None}
    key = HashKey(f"{now:%Y%m%d}-{uuid.uuid4().hex[:8]}", secrets.token_bytes(BYTES))
    client.put_secret_value(SecretId=settings.secret, SecretString=text_of(key, now))
    log.info("key %s of hashes is current", key.id)
    return {"made": True, "id": key.id}


def _current(client: Any, secret: str) -> str | None:
    try:
        answer = client.get_secret_value(SecretId=secret)
    # A secret that was just made has no value yet; one that is not there fails at the writing, with its name.
    except client.exceptions.ResourceNotFoundException:
        return None
    return answer.get("SecretString")
