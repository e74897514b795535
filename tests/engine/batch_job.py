"""A batch job as docs/serving-batch.md wants it: scores the records of S3 objects, whatever interrupts it.

The input is a prefix of a bucket, such as `s3://data/in`, with a list of parts in `parts.json` and each part an object
with a number a line; the output is one object a part, and a manifest when all are there. `--stop-after N` makes the
first attempt wait for its end in the middle of the part after N, so that a test can take the host away there.
"""

import argparse
import hashlib
import json
import os
import signal
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import ClientError


def main() -> None:
    """Score all parts that are not scored yet."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--input", required=True, type=urlsplit, help="s3://bucket/prefix")
    parser.add_argument("--output", required=True, type=urlsplit, help="s3://bucket/prefix")
    parser.add_argument("--stop-after", type=int)
    said = parser.parse_args()
    source, target = said.input.netloc, said.output.netloc
    output = said.output.path.strip("/")
    s3 = boto3.client("s3")

    def read(key: str) -> bytes:
        return s3.get_object(Bucket=source, Key=key)["Body"].read()

    def is_done(key: str, checksum: str) -> bool:
        try:
            return s3.head_object(Bucket=target, Key=key)["Metadata"].get("input-sha256") == checksum
        except ClientError as error:
            if error.response["Error"]["Code"] == "404":
                return False
            raise

    first = os.environ["AWS_BATCH_JOB_ATTEMPT"] == "1"
    parts = json.loads(read(f"{said.input.path.strip('/')}/parts.json"))
    written = 0
    for part in parts:
        content = read(part)
        checksum = hashlib.sha256(content).hexdigest()
        key = f"{output}/{part.rpartition('/')[2]}"
        if is_done(key, checksum):
            print(f"skipped {part}", flush=True)
            continue
        records = content.decode().splitlines()
        scores: list[str] = []
        for number, record in enumerate(records):
            if first and written == said.stop_after and number == len(records) // 2:
                print(f"waiting in {part}", flush=True)
                signal.pause()
            scores.append(json.dumps({"record": int(record), "score": int(record) ** 2}))
        s3.put_object(Bucket=target, Key=key, Body="\n".join(scores).encode(), Metadata={"input-sha256": checksum})
        written += 1
        print(f"wrote {part}", flush=True)
    manifest = {"parts": [f"{output}/{part.rpartition('/')[2]}" for part in parts]}
    s3.put_object(Bucket=target, Key=f"{output}/manifest.json", Body=json.dumps(manifest).encode())


if __name__ == "__main__":
    main()
