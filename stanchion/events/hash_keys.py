"""The secret with the key of keyed hashes: what it is called, what is in it, and when a new one is due."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self, cast

from stanchion.errors import StanchionError
from stanchion.events.payloads import HashKey

# Names of the function's environment variables, which the program sets.
SECRET = "STANCHION_HASH_KEY_SECRET"  # noqa: S105  a variable's name
ROTATE_DAYS = "STANCHION_HASH_KEY_DAYS"
# Users can't be told apart over a change of keys, so reports per user begin anew with each.
DAYS = 365
BYTES = 32


def hash_key_secret(environment: str) -> str:
    """Name of an environment's secret, in each of its regions; the standby's is a replica of the primary's."""
    return f"{environment}-event-hash-key"


def text_of(key: HashKey, made: datetime) -> str:
    """A secret's value.

    Args:
        key: its content.
        made: when, in UTC.
    """
    secret = base64.b64encode(key.secret).decode()
    return json.dumps({"id": key.id, "secret": secret, "made": made.isoformat(timespec="seconds")})


def key_of(text: str) -> HashKey:
    """The key of a secret's value.

    Raises:
        StanchionError: it is none; what it holds is not said.
    """
    found = _document(text)
    try:
        return HashKey(str(found["id"]), base64.b64decode(str(found["secret"]), validate=True))
    # Too short a secret is a ValueError as well.
    except (KeyError, ValueError):
        raise StanchionError(
            "the secret with the key of hashes has no id and no secret of 16 bytes or more in base64; remove its "
            "value, and the function hash_keys writes a new one."
        ) from None


def is_due(text: str | None, now: datetime, days: int) -> bool:
    """Whether a new key has to be made: there is none that can be read, or it is too old.

    Args:
        text: the secret's value; None if it has none.
        now: in UTC.
        days: how long a key is used.
    """
    if text is None:
        return True
    try:
        key_of(text)
        made = datetime.fromisoformat(str(_document(text)["made"]))
    except StanchionError:
        return True
    # A key that somebody put in by hand stays until somebody takes it out.
    except (KeyError, ValueError):
        return False
    return now - made >= timedelta(days=days)


def _document(text: str) -> Mapping[str, object]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class HashKeySettings:
    """What the function that makes keys is told.

    Args:
        secret: its name.
        days: how long a key is used.
    """

    secret: str
    days: int = DAYS

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Self:
        """From the environment variables.

        Raises:
            StanchionError: one is not set, or is no number of days.
        """
        missing = [name for name in (SECRET, ROTATE_DAYS) if name not in variables]
        if missing:
            raise StanchionError(f"the function hash_keys has no {', '.join(missing)}; the program sets them all.")
        days = variables[ROTATE_DAYS]
        if not days.isdecimal() or not int(days):
            raise StanchionError(f"{ROTATE_DAYS} is '{days}'; allowed: whole days from 1 on.")
        return cls(variables[SECRET], int(days))

    def variables(self) -> dict[str, str]:
        """As environment variables; the opposite of `read`."""
        return {SECRET: self.secret, ROTATE_DAYS: str(self.days)}
