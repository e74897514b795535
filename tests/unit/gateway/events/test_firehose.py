from typing import Any

from botocore.stub import Stubber

from gateway.events.firehose import firehose_client, firehose_sender


def answer(*codes: str) -> dict[str, Any]:
    records = [{"ErrorCode": code, "ErrorMessage": "slow down"} if code else {"RecordId": "1"} for code in codes]
    return {"FailedPutCount": sum(1 for code in codes if code), "RequestResponses": records}


def test_each_line_is_a_record_and_refused_ones_are_told_by_position(monkeypatch: Any):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    client = firehose_client("us-east-1")
    lines = [b'{"a":1}\n', b'{"a":2}\n', b'{"a":3}\n']
    asked = {"DeliveryStreamName": "events", "Records": [{"Data": line} for line in lines]}
    send = firehose_sender(client, "events")
    with Stubber(client) as stub:
        stub.add_response("put_record_batch", answer("", "ServiceUnavailableException", ""), asked)
        assert list(send(lines)) == [1]
        stub.add_response("put_record_batch", answer("", "", ""), asked)
        assert list(send(lines)) == []
