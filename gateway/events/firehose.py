"""Sends lines to a stream of Amazon Data Firehose."""

from collections.abc import Sequence
from typing import Any

from gateway.events.writer import Send


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
    """Sends each line as one record, with its end, since Firehose puts none between records.

    Args:
        client: of Firehose.
        stream: its name.
    """

    def send(lines: Sequence[bytes]) -> Sequence[int]:
        answer = client.put_record_batch(DeliveryStreamName=stream, Records=[{"Data": line} for line in lines])
        if not answer["FailedPutCount"]:
            return ()
        # One for each record, in their order (Firehose API reference, PutRecordBatch).
        return [position for position, each in enumerate(answer["RequestResponses"]) if "ErrorCode" in each]

    return send
