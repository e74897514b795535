"""From bytes to text: files come in more encodings than JSON allows."""

import codecs

from stanchion.graph.sources.errors import HOW, GraphSourceError

# Shells of Windows write UTF-16 with a mark in front when a command's output is sent to a file.
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_PACKED = ((b"\x1f\x8b", "is packed with gzip; unpack it first with `gunzip`"),
           (b"PK\x03\x04", "is a zip archive, as a saved Terraform plan is"))  # fmt: skip


def decoded(data: bytes, name: str) -> str:
    """The text of a file.

    Args:
        data: all of it.
        name: for errors.

    Raises:
        GraphSourceError: it is empty, packed or no text.
    """
    if not data.strip():
        raise GraphSourceError(f"{name} is empty. {HOW}")
    for start, what in _PACKED:
        if data.startswith(start):
            raise GraphSourceError(f"{name} {what}. {HOW}")
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise GraphSourceError(f"{name} is not text: byte {error.start + 1} is no {encoding.upper()}. {HOW}") from None
