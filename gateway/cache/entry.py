"""An answer as it is kept, and as it lies in Valkey."""

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

# Of a model's headers only what says how its body is to be read; a cookie or a request id is the first client's own.
_KEPT = (b"content-type", b"content-encoding")
_FORM = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer.

    Args:
        status: of HTTP.
        headers: to give with it again.
        body: of it.
        request_id: of the request that it was made for.
        version: of the model that made it.
        stored_at: seconds since 1970.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    request_id: str
    version: str
    stored_at: float

    def encode(self) -> bytes:
        """As one value: a line of JSON, and the body as it is."""
        headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in self.headers]
        head = [_FORM, self.status, headers, self.request_id, self.version, self.stored_at]
        return orjson.dumps(head) + b"\n" + self.body

    @classmethod
    def decode(cls, value: bytes) -> "Entry | None":
        """From such a value; None when it is none, such as one of a later version of this program."""
        head, found, body = value.partition(b"\n")
        try:
            form, status, headers, request_id, version, stored_at = orjson.loads(head)
            kept = tuple((str(name).encode("latin-1"), str(said).encode("latin-1")) for name, said in headers)
            if not found or form != _FORM:
                return None
            return cls(int(status), kept, body, str(request_id), str(version), float(stored_at))
        except (ValueError, TypeError, UnicodeError):
            return None


def kept_headers(headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    """Of the headers of an answer, those that are kept."""
    return tuple((name.lower(), value) for name, value in headers if name.lower() in _KEPT)
