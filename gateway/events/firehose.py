"""Sends lines to a stream of Amazon Data Firehose, many in one record."""

from collections.abc import Sequence
from typing import Any

from gateway.events.writer import Send

# Firehose counts each record as a multiple of 5 KB (Firehose pricing), of which one event is a sixth; of a record of
# this size a twenty-fifth at most is paid for nothing, and when it is refused no more than this is sent again.
RECORD_BYTES = 128 * 1024


def firehose_client(region: str, endpoint_url: str | None = None) -> Any:
    """A client that gives up soon: what it could not send is on disk and tried again by the writer.

    Args:
        region: of the stream.
        endpoint_url: where Firehose is, when it is not AWS's.
    """
    # Not at the top: it takes half a second and 30 MB, which nobody who only writes events should pay.
    import boto3
    from botocore.config import Config

    settings = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1}, max_pool_connections=1)
    return boto3.client("firehose", region_name=region, endpoint_url=endpoint_url, config=settings)


def firehose_sender(client: Any, stream: str) -> Send:
    """Sends lines as they are, with their ends, since Firehose puts nothing between records.

    Args:
        client: of Firehose.
        stream: its name.
    """

    def send(lines: Sequence[bytes]) -> Sequence[int]:
        records = _records(lines)
        sent = [{"Data": b"".join(lines[position] for position in record)} for record in records]
        answer = client.put_record_batch(DeliveryStreamName=stream, Records=sent)
        if not answer["FailedPutCount"]:
            return ()
        # One for each record, in their order (Firehose API reference, PutRecordBatch).
        told = zip(records, answer["RequestResponses"], strict=True)
        return [position for record, each in told if "ErrorCode" in each for position in record]

    return send


def _records(lines: Sequence[bytes]) -> list[range]:
    """Positions of the lines of each record."""
    records: list[range] = []
    begin = size = 0
    for position, line in enumerate(lines):
        if position > begin and size + len(line) > RECORD_BYTES:
            records.append(range(begin, position))
            begin, size = position, 0
        size += len(line)
    return [*records, range(begin, len(lines))]
