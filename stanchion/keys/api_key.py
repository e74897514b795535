"""The key itself, `sk-stn-<id>-<secret>`: made, read, and compared with what is kept of it.

Kept is SHA-256 of the secret and no slow hash. A slow hash makes guessing dear where secrets are chosen by people; 32
random bytes can't be guessed at any price (2**256 tries), and a slow hash would cost every request some milliseconds.
"""

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field

PREFIX = "sk-stn-"
ID_LETTERS = 16
SECRET_BYTES = 32
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
# 62**43 is the first power that is not below 2**256.
_SECRET_LETTERS = 43
_FORM = re.compile(rf"{PREFIX}(?P<id>[a-z]{{{ID_LETTERS}}})-(?P<secret>[0-9A-Za-z]{{{_SECRET_LETTERS}}})")
_ID = re.compile(rf"[a-z]{{{ID_LETTERS}}}")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as its owner has it.

    Args:
        id: says which one it is; no secret.
        secret: in base 62; is not shown where the key is printed for debugging.
    """

    id: str
    secret: str = field(repr=False)

    @property
    def text(self) -> str:
        """As it is given to its owner, once."""
        return f"{PREFIX}{self.id}-{self.secret}"

    @property
    def digest(self) -> str:
        """What is kept of it."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    def matches(self, digest: str) -> bool:
        """Whether it is the key that a digest was kept of; takes as long wherever they differ."""
        return hmac.compare_digest(self.digest.encode(), digest.encode("utf-8", "replace"))


def make(random: Callable[[int], bytes] = secrets.token_bytes) -> ApiKey:
    """A new key.

    Args:
        random: gives so many random bytes.
    """
    # Modulo 26 the first letters of the alphabet come a little more often, which an id does not mind.
    letters = "".join(string.ascii_lowercase[byte % 26] for byte in random(ID_LETTERS))
    number = int.from_bytes(random(SECRET_BYTES))
    digits = list[str]()
    for _ in range(_SECRET_LETTERS):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return ApiKey(letters, "".join(reversed(digits)))


def read(text: str) -> ApiKey | None:
    """From what a client presents; None when it does not look like a key."""
    found = _FORM.fullmatch(text)
    return None if found is None else ApiKey(found["id"], found["secret"])


def is_id(text: str) -> bool:
    """Whether it looks like the id of a key."""
    return _ID.fullmatch(text) is not None
