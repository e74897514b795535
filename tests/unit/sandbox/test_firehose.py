import base64
import json
from typing import Any

import pytest

from sandbox.front_door.firehose import joined, parted


def body(*records: bytes) -> bytes:
    sent = [{"Data": base64.b64encode(record).decode()} for record in records]
    return json.dumps({"DeliveryStreamName": "events", "Records": sent}).encode()


def records(made: bytes) -> list[bytes]:
    return [base64.b64decode(each["Data"]) for each in json.loads(made)["Records"]]


def test_lines_go_on_as_one_record():
    made, count = joined(body(b"a\n", b"b\n", b"c\n"))
    assert (records(made), count) == ([b"a\nb\nc\n"], 3)
    assert json.loads(made)["DeliveryStreamName"] == "events"


def test_a_record_gets_no_larger_than_firehose_takes():
    line = b"x" * 600_000 + b"\n"
    made, count = joined(body(line, line, b"y\n"))
    assert (records(made), count) == ([line, line + b"y\n"], 3)


@pytest.mark.parametrize(
    "sent",
    [body(b"a\n"), body(b"a", b"b\n"), body(*[b"a\n"] * 501), body(b"x" * 1_100_000 + b"\n", b"a\n"), b"{", b"[]"],
)
def test_what_is_no_batch_of_lines_goes_on_as_it_is(sent: bytes):
    assert joined(sent) == (sent, 0)


@pytest.mark.parametrize("failed", [False, True])
def test_the_answer_names_every_record_that_came(failed: bool):
    one: dict[str, Any] = {"ErrorCode": "ServiceUnavailableException"} if failed else {"RecordId": "1"}
    told = {"FailedPutCount": int(failed), "Encrypted": False, "RequestResponses": [{"RecordId": "0"}, one]}
    made = json.loads(parted(json.dumps(told).encode(), 3))
    assert made["FailedPutCount"] == (3 if failed else 0)
    assert ["ErrorCode" in each for each in made["RequestResponses"]] == [failed] * 3
    assert made["Encrypted"] is False
