"""Firehose at the front door: the records of a request become one object, as a stream puts many into one.

MiniStack makes an object of each record, and takes long to read a table of thousands of them. Records that end with a
line's end go on as one record; the answer names as many as came.
"""

import base64
import json
from typing import Any
from uuid import uuid4

TARGET = "Firehose_20150804.PutRecordBatch"
# Of one record (Firehose API reference, Record), and of one request (PutRecordBatch).
_LARGEST_BYTES = 1_000 * 1024
_MOST_RECORDS = 500


def joined(body: bytes) -> tuple[bytes, int]:
    """The body of a PutRecordBatch with fewer records, and how many came; 0 when it goes on as it is.

    Args:
        body: of the request.
    """
    try:
        document: Any = json.loads(body)
        records = [base64.b64decode(record["Data"], validate=True) for record in document["Records"]]
    except (ValueError, KeyError, TypeError):
        return body, 0
    if not 1 < len(records) <= _MOST_RECORDS or not all(
        record.endswith(b"\n") and len(record) <= _LARGEST_BYTES for record in records
    ):
        return body, 0
    made: list[bytes] = []
    for record in records:
        if made and len(made[-1]) + len(record) <= _LARGEST_BYTES:
            made[-1] += record
        else:
            made.append(record)
    document["Records"] = [{"Data": base64.b64encode(record).decode()} for record in made]
    return json.dumps(document).encode(), len(records)


def parted(answer: bytes, count: int) -> bytes:
    """The answer to a request of so many records, from that to the joined ones: all were taken, or none.

    Args:
        answer: MiniStack's.
        count: of records that came.
    """
    document: Any = json.loads(answer)
    failed = next((each for each in document["RequestResponses"] if "ErrorCode" in each), None)
    each = [failed or {"RecordId": uuid4().hex} for _ in range(count)]
    return json.dumps({**document, "FailedPutCount": count if failed else 0, "RequestResponses": each}).encode()
