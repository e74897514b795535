from typing import Any

import pytest
from botocore.stub import Stubber

from gateway.events.firehose import RECORD_BYTES, firehose_client, firehose_sender


def answer(*codes: str) -> dict[str, Any]:
    records = [{"ErrorCode": code, "ErrorMessage": "slow down"} if code else {"RecordId": "1"} for code in codes]
    return {"FailedPutCount": sum(1 for code in codes if code), "RequestResponses": records}


def sent(*records: bytes) -> dict[str, Any]:
    return {"DeliveryStreamName": "events", "Records": [{"Data": record} for record in records]}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return firehose_client("us-east-1")


def test_lines_share_a_record(client: Any):
    with Stubber(client) as stub:
        stub.add_response("put_record_batch", answer(""), sent(b'{"a":1}\n{"a":2}\n'))
        assert list(firehose_sender(client, "events")([b'{"a":1}\n', b'{"a":2}\n'])) == []


def test_lines_of_a_refused_record_are_told_by_position(client: Any):
    large, small = b"x" * (RECORD_BYTES - 10) + b"\n", b"y\n"
    lines = [small, large, large, small, small, large]
    expected = sent(small + large, large + small + small, large)
    send = firehose_sender(client, "events")
    with Stubber(client) as stub:
        stub.add_response("put_record_batch", answer("", "ServiceUnavailableException", ""), expected)
        assert list(send(lines)) == [2, 3, 4]
        stub.add_response("put_record_batch", answer("InternalFailure", "", "InternalFailure"), expected)
        assert list(send(lines)) == [0, 1, 5]


def test_a_line_larger_than_a_record_is_one_of_its_own(client: Any):
    huge = b"x" * (2 * RECORD_BYTES) + b"\n"
    with Stubber(client) as stub:
        stub.add_response("put_record_batch", answer("", "", ""), sent(huge, b"y\n", huge))
        assert list(firehose_sender(client, "events")([huge, b"y\n", huge])) == []
