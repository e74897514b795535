"""Fetches a model's files from S3 before its server starts, and lets nothing start that is not whole.

Runs in a pod with whatever Python the image has (3.9 or newer) and nothing beside it. `SHA256SUMS` lies beside the
files and has the checksum of each; its own checksum is told, so that files which were swapped, cut or not yet
replicated are told apart from those that were meant.
"""

# Python 3.9 is what some images have.
# ruff: noqa: UP006, UP017, UP035, UP045, S310

import contextlib
import hashlib
import hmac
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple, Optional

SUMS = "SHA256SUMS"
# One connection to S3 carries some 90 MB/s (S3 performance guidelines, byte-range fetches, read 2026-11-27): with these
# a disk of 750 MiB/s is what limits. Each holds one chunk in memory.
PART_BYTES, PARALLEL = 64 * 1024**2, 16
CHUNK = 1024**2
ATTEMPTS, FIRST_PAUSE, TIMEOUT = 6, 0.25, 30
EMPTY = hashlib.sha256(b"").hexdigest()


class LoadError(Exception):
    """The weights can't be had, or are not those that were meant."""


class Credentials(NamedTuple):
    """What requests are signed with."""

    key: str
    secret: str
    token: Optional[str]


class Bucket(NamedTuple):
    """Where the files lie."""

    name: str
    prefix: str
    region: str

    def url(self, file: str) -> str:
        """The address of a file; `AWS_ENDPOINT_URL_S3` and `AWS_ENDPOINT_URL` lead elsewhere than to AWS."""
        path = urllib.parse.quote(f"/{self.prefix}/{file}", safe="/-_.~")
        other = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        if other:
            return f"{other.rstrip('/')}/{self.name}{path}"
        return f"https://{self.name}.s3.{self.region}.amazonaws.com{path}"


def main() -> int:
    """Load what the environment says, and say how it went."""
    try:
        began = time.monotonic()
        loaded = load(
            os.environ["STANCHION_WEIGHTS_URI"],
            os.environ["STANCHION_WEIGHTS_SHA256"],
            Path(os.environ["STANCHION_WEIGHTS_PATH"]),
            os.environ["AWS_REGION"],
        )
    except LoadError as error:
        print(f"weights: {error}", file=sys.stderr)
        return 1
    except KeyError as error:
        print(f"weights: the variable {error} is not set.", file=sys.stderr)
        return 1
    print(f"weights: {loaded} bytes are whole after {time.monotonic() - began:.1f} s.")
    return 0


def load(uri: str, checksum: str, folder: Path, region: str) -> int:
    """Fetch all files below a URI; those that are there already and whole stay.

    Args:
        uri: `s3://bucket/prefix`.
        checksum: SHA-256 of the file SHA256SUMS there.
        folder: where they go.
        region: of the bucket.

    Returns:
        Bytes of all files.

    Raises:
        LoadError: a sentence with what is wrong.
    """
    bucket = parse(uri, region)
    credentials = credentials_of_pod()
    sums = bytearray()

    def write(offset: int, chunk: bytes) -> None:
        sums[offset : offset + len(chunk)] = chunk

    fetch(bucket, SUMS, credentials, 0, PART_BYTES, write)
    found = hashlib.sha256(sums).hexdigest()
    if found != checksum:
        raise LoadError(
            f"{uri}/{SUMS} has SHA-256 {found}, and {checksum} was meant. Somebody changed the files, or not all of "
            "them have arrived in this region."
        )
    wanted = read_sums(sums.decode("utf-8"), uri)
    with ThreadPoolExecutor(PARALLEL) as threads:
        parts = {name: begin(name, bucket, folder, digest, credentials, threads) for name, digest in wanted.items()}
        for name, under_way in parts.items():
            for part in under_way:
                part.result()
            whole(folder / name, wanted[name], f"{uri}/{name}")
    return sum((folder / name).stat().st_size for name in wanted)


def parse(uri: str, region: str) -> Bucket:
    """Bucket and prefix of `s3://bucket/prefix`.

    Raises:
        LoadError: it is something else.
    """
    scheme, _, rest = uri.partition("://")
    name, _, prefix = rest.partition("/")
    if scheme != "s3" or not name or not prefix.strip("/"):
        raise LoadError(f"'{uri}' is not the place of a model; expected s3://bucket/prefix.")
    return Bucket(name, prefix.strip("/"), region)


def read_sums(text: str, uri: str) -> Dict[str, str]:
    """Checksums by file, from what `sha256sum` writes.

    Raises:
        LoadError: a line is of another form, or a file would lie outside of the folder.
    """
    found: Dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        digest, _, name = line.partition(" ")
        name = name.strip().lstrip("*")
        inside = bool(name) and not name.startswith("/") and ".." not in name.split("/")
        if len(digest) != 64 or set(digest) - set("0123456789abcdef") or not inside:
            raise LoadError(f"{uri}/{SUMS} has the line '{line}'; expected a SHA-256 and a file below the prefix.")
        found[name.removeprefix("./")] = digest
    if not found:
        raise LoadError(f"{uri}/{SUMS} names no file.")
    return found


def begin(
    name: str, bucket: Bucket, folder: Path, digest: str, credentials: Credentials, threads: ThreadPoolExecutor
) -> List[Future]:
    """Begin to fetch a file.

    Returns:
        The parts that are under way; none when it is there already.
    """
    file = folder / name
    if file.is_file() and digest_of(file) == digest:
        return []
    size = fetch(bucket, name, credentials, 0, 1, lambda _, __: None)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        stream.truncate(size)

    def part(start: int) -> None:
        with file.open("r+b") as stream:

            def write(offset: int, chunk: bytes) -> None:
                stream.seek(offset)
                stream.write(chunk)

            fetch(bucket, name, credentials, start, min(PART_BYTES, size - start), write)

    return [threads.submit(part, start) for start in range(0, size, PART_BYTES)]


def whole(file: Path, digest: str, subject: str) -> None:
    """Hold a file against its checksum.

    Raises:
        LoadError: it is another one.
    """
    found = digest_of(file)
    if found != digest:
        size = file.stat().st_size
        file.unlink()
        raise LoadError(f"{subject} ({size} bytes) has SHA-256 {found}, and {SUMS} says {digest}.")


def digest_of(file: Path) -> str:
    """SHA-256 of a file; what was just written is read from memory as a rule."""
    found = hashlib.sha256()
    with file.open("rb") as stream:
        while True:
            chunk = stream.read(CHUNK)
            if not chunk:
                return found.hexdigest()
            found.update(chunk)


def fetch(
    bucket: Bucket,
    name: str,
    credentials: Credentials,
    start: int,
    length: int,
    write: Callable[[int, bytes], None],
) -> int:
    """A part of a file, tried again when S3 or the network fails.

    Args:
        bucket: where it lies.
        name: of the file.
        credentials: that may read it.
        start: of the part.
        length: of the part; less comes when the file ends before.
        write: gets each chunk with its place in the file; the same chunk again after a failure.

    Returns:
        The size of the whole file.

    Raises:
        LoadError: it is not there, may not be read, or can't be had after all attempts.
    """
    url, why = bucket.url(name), ""
    subject = f"s3://{bucket.name}/{bucket.prefix}/{name}"
    for attempt in range(ATTEMPTS):
        _pause(attempt)
        headers = {"range": f"bytes={start}-{start + length - 1}"}
        request = urllib.request.Request(url, headers=signed(url, headers, bucket.region, credentials))
        done = 0
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
                size = int(response.headers["Content-Range"].rpartition("/")[2])
                for chunk in iter(lambda: response.read(CHUNK), b""):
                    write(start + done, chunk)
                    done += len(chunk)
        except urllib.error.HTTPError as error:
            if error.code == 416 and start == 0:
                return 0  # the file is empty
            why = f"S3 answered {error.code} {_code(error)}"
            if error.code in (401, 403, 404):
                raise LoadError(f"{subject} can't be read: {why}.") from None
            continue
        except (OSError, http.client.HTTPException) as error:
            why = str(error)
            continue
        if done == min(length, size - start):
            return size
        why = f"{done} bytes came of {min(length, size - start)}"
    raise LoadError(f"{subject} can't be read after {ATTEMPTS} attempts: {why}.")


def _pause(attempt: int) -> None:
    if attempt:
        time.sleep(min(8.0, FIRST_PAUSE * 2**attempt))


def _code(error: urllib.error.HTTPError) -> str:
    """The code in S3's answer, such as `NoSuchKey`."""
    text = ""
    with contextlib.suppress(OSError):
        text = error.read().decode("utf-8", "replace")
    return text.partition("<Code>")[2].partition("</Code>")[0] or str(error.reason)


def credentials_of_pod() -> Credentials:
    """Those of the pod's identity (EKS user guide, Pod Identity: the agent's address and token file), else variables.

    Raises:
        LoadError: there are none.
    """
    address = os.environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    if address:
        token = Path(os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]).read_text(encoding="utf-8").strip()
        why = ""
        for attempt in range(ATTEMPTS):
            _pause(attempt)
            request = urllib.request.Request(address, headers={"Authorization": token})
            try:
                with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
                    found = json.loads(response.read())
            except OSError as error:
                why = str(error)
                continue
            return Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["Token"])
        raise LoadError(f"the pod identity agent gives no credentials: {why}.")
    if "AWS_ACCESS_KEY_ID" in os.environ:
        return Credentials(
            os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"], os.environ.get("AWS_SESSION_TOKEN")
        )
    raise LoadError("the pod has no identity; its service account has no association with a role.")


def signed(
    url: str, headers: Dict[str, str], region: str, credentials: Credentials, now: Optional[datetime] = None
) -> Dict[str, str]:
    """The headers of a GET, signed (AWS Signature Version 4, authorization header).

    Args:
        url: without a query.
        headers: to be signed too, in small letters.
        region: of the bucket.
        credentials: whose.
        now: the time of the request.
    """
    moment = now or datetime.now(timezone.utc)
    stamp, day = moment.strftime("%Y%m%dT%H%M%SZ"), moment.strftime("%Y%m%d")
    place = urllib.parse.urlsplit(url)
    every = {**headers, "host": place.netloc, "x-amz-content-sha256": EMPTY, "x-amz-date": stamp}
    if credentials.token:
        every["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(every))
    lines = "".join(f"{name}:{every[name]}\n" for name in sorted(every))
    canonical = "\n".join(("GET", place.path, "", lines, names, EMPTY))
    scope = f"{day}/{region}/s3/aws4_request"
    text = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    secret = f"AWS4{credentials.secret}".encode()
    for part in (day, region, "s3", "aws4_request"):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
    who = f"AWS4-HMAC-SHA256 Credential={credentials.key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**every, "authorization": who}


if __name__ == "__main__":
    sys.exit(main())
