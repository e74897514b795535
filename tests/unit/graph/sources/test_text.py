"""From bytes to text."""

import pytest

from stanchion.graph.sources.errors import GraphSourceError
from stanchion.graph.sources.text import decoded


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_a_shell_writes_is_read(encoding: str):
    mark = {"utf-16-le": "\ufeff", "utf-16-be": "\ufeff"}.get(encoding, "")
    assert decoded((mark + '{"ä": 1}').encode(encoding), "x").lstrip("\ufeff") == '{"ä": 1}'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "plan.json is empty"),
        (b" \r\n\t", "plan.json is empty"),
        (b"\x1f\x8b\x08\x00", "gunzip"),
        (b"PK\x03\x04rest", "zip archive, as a saved Terraform plan is"),
        (b'{"a": "\xff"}', "is not text: byte 8 is no UTF-8"),
        (b"\x7fELF\xff\xfe", "is not text: byte 5"),
    ],
)
def test_what_is_no_text_is_said(data: bytes, said: str):
    with pytest.raises(GraphSourceError) as refusal:
        decoded(data, "plan.json")
    assert said in str(refusal.value)
    assert "pulumi stack export" in str(refusal.value)
