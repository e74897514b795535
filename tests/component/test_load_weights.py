"""The loader against a server of S3's kind: whole files or none, attempts, signatures that AWS's own library makes."""

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

from components.serving.loader import load_weights
from components.serving.loader.load_weights import Credentials, LoadError, load, read_sums, signed

FILES = {"model-1.safetensors": bytes(range(256)) * 40, "nested/config.json": b"{}", "empty": b""}
URI = "s3://models/support-llm/2026-05"


def sums(files: dict[str, bytes]) -> bytes:
    return "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items()).encode()


class Bucket:
    """A bucket that can fail: `failures` are statuses for the next answers, `cut` ends answers early."""

    def __init__(self) -> None:
        self.objects = {f"/models/support-llm/2026-05/{name}": content for name, content in FILES.items()}
        self.objects["/models/support-llm/2026-05/SHA256SUMS"] = sums(FILES)
        self.failures: list[int] = []
        self.cut = 0
        self.asked: list[tuple[str, str]] = []

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.objects["/models/support-llm/2026-05/SHA256SUMS"]).hexdigest()

    def put(self, name: str, content: bytes) -> None:
        self.objects[f"/models/support-llm/2026-05/{name}"] = content


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    made = Bucket()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/credentials":
                document = {"AccessKeyId": "K", "SecretAccessKey": "S", "Token": self.headers["Authorization"]}
                return self.answer(200, json.dumps(document).encode())
            made.asked.append((self.path, self.headers["Range"]))
            if made.failures:
                status = made.failures.pop(0)
                return self.answer(status, f"<Error><Code>Code{status}</Code></Error>".encode())
            if not self.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=K/"):
                return self.answer(403, b"<Error><Code>AccessDenied</Code></Error>")
            content = made.objects.get(self.path)
            if content is None:
                return self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            first, last = self.headers["Range"].removeprefix("bytes=").split("-")
            if int(first) >= len(content):
                return self.answer(416, b"<Error><Code>InvalidRange</Code></Error>")
            part = content[int(first) : int(last) + 1]
            place = f"bytes {first}-{int(first) + len(part) - 1}/{len(content)}"
            if made.cut and len(part) > 1:
                made.cut -= 1
                self.close_connection = True
                return self.answer(206, part, {"Content-Range": place}, len(part) // 2)
            return self.answer(206, part, {"Content-Range": place})

        def answer(
            self, status: int, content: bytes, headers: dict[str, str] | None = None, sent: int | None = None
        ) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content[:sent])

        def log_message(self, *_: Any) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    for name in ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "K")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "S")
    monkeypatch.setattr(load_weights, "FIRST_PAUSE", 0.0)
    monkeypatch.setattr(load_weights, "PART_BYTES", 1000)
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def test_all_files_come_in_parts_and_are_whole(bucket: Bucket, tmp_path: Path) -> None:
    assert load(URI, bucket.checksum, tmp_path, "us-west-2") == sum(map(len, FILES.values()))
    assert {name: (tmp_path / name).read_bytes() for name in FILES} == FILES
    parts = [place for path, place in bucket.asked if path.endswith("model-1.safetensors")]
    assert len(parts) == 1 + 11, "10,240 bytes in parts of 1,000, and a look at the size"


def test_what_is_whole_already_is_not_fetched_again(bucket: Bucket, tmp_path: Path) -> None:
    load(URI, bucket.checksum, tmp_path, "us-west-2")
    (tmp_path / "nested/config.json").write_bytes(b"[]")
    bucket.asked.clear()
    load(URI, bucket.checksum, tmp_path, "us-west-2")
    assert {path.rpartition("2026-05/")[2] for path, _ in bucket.asked} == {"SHA256SUMS", "nested/config.json"}
    assert (tmp_path / "nested/config.json").read_bytes() == b"{}"


def test_other_checksums_than_those_that_were_meant_start_nothing(bucket: Bucket, tmp_path: Path) -> None:
    meant = bucket.checksum
    bucket.put("SHA256SUMS", sums({**FILES, "empty": b"no longer"}))
    with pytest.raises(LoadError, match=r"has SHA-256 .*, and .* was meant. Somebody changed the files, or not all"):
        load(URI, meant, tmp_path, "us-west-2")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_swapped_is_found_and_taken_away(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put("model-1.safetensors", FILES["model-1.safetensors"][:-1] + b"!")
    with pytest.raises(LoadError, match=r"model-1.safetensors \(10240 bytes\) has SHA-256 .*, and SHA256SUMS says"):
        load(URI, bucket.checksum, tmp_path, "us-west-2")
    assert not (tmp_path / "model-1.safetensors").exists()


def test_a_file_that_has_not_arrived_in_the_region_is_named(bucket: Bucket, tmp_path: Path) -> None:
    del bucket.objects["/models/support-llm/2026-05/nested/config.json"]
    with pytest.raises(LoadError, match=r"nested/config.json can't be read: S3 answered 404 NoSuchKey"):
        load(URI, bucket.checksum, tmp_path, "us-west-2")


def test_failures_that_pass_are_not_told(bucket: Bucket, tmp_path: Path) -> None:
    bucket.failures = [503, 500]
    bucket.cut = 3
    load(URI, bucket.checksum, tmp_path, "us-west-2")
    assert {name: (tmp_path / name).read_bytes() for name in FILES} == FILES


def test_failures_that_stay_are_told_after_all_attempts(bucket: Bucket, tmp_path: Path) -> None:
    bucket.failures = [503] * 20
    with pytest.raises(LoadError, match="can't be read after 6 attempts: S3 answered 503 Code503"):
        load(URI, bucket.checksum, tmp_path, "us-west-2")
    assert len(bucket.asked) == 6


def test_who_may_not_read_is_told_at_once(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody-else")
    with pytest.raises(LoadError, match="can't be read: S3 answered 403 AccessDenied"):
        load(URI, bucket.checksum, tmp_path, "us-west-2")
    assert len(bucket.asked) == 1


def test_the_pods_identity_is_asked_for_by_its_token(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tmp_path / "token"
    token.write_text("of-the-pod\n")
    address = f"{load_weights.os.environ['AWS_ENDPOINT_URL']}/credentials"
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", address)
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(token))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert load_weights.credentials_of_pod() == Credentials("K", "S", "of-the-pod")
    load(URI, bucket.checksum, tmp_path / "weights", "us-west-2")


def test_a_pod_without_identity_says_so(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(LoadError, match="the pod has no identity"):
        load(URI, bucket.checksum, tmp_path, "us-west-2")


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/../../b", ""])
def test_no_file_is_written_outside_of_the_folder(name: str) -> None:
    with pytest.raises(LoadError, match="expected a SHA-256 and a file below the prefix"):
        read_sums(f"{'a' * 64}  {name}\n", URI)


@pytest.mark.parametrize("uri", ["https://models/x", "s3://models", "s3:///x", "s3://models/"])
def test_a_place_that_is_none_is_refused(uri: str) -> None:
    with pytest.raises(LoadError, match=r"expected s3://bucket/prefix"):
        load_weights.parse(uri, "us-west-2")


@pytest.mark.parametrize("token", [None, "session"])
def test_requests_are_signed_as_aws_s_own_library_signs_them(
    token: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
    url = "https://models.s3.us-west-2.amazonaws.com/support-llm/2026-05/a%20file%2B1.bin"
    request = AWSRequest("GET", url, headers={"range": "bytes=0-9"})

    class Clock(datetime):
        @classmethod
        def utcnow(cls) -> datetime:
            return now.replace(tzinfo=None)

        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return now if tz else now.replace(tzinfo=None)

    monkeypatch.setattr("botocore.compat.datetime.datetime", Clock)
    S3SigV4Auth(BotoCredentials("K", "S", token), "s3", "us-west-2").add_auth(request)
    ours = signed(url, {"range": "bytes=0-9"}, "us-west-2", Credentials("K", "S", token), now)
    theirs = {key.lower(): value for key, value in request.headers.items()}
    assert ours["x-amz-date"] == theirs["x-amz-date"]
    assert ours["authorization"] == theirs["authorization"]


def test_it_ends_with_a_sentence_and_no_trace(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STANCHION_WEIGHTS_URI", URI)
    monkeypatch.setenv("STANCHION_WEIGHTS_SHA256", bucket.checksum)
    monkeypatch.setenv("STANCHION_WEIGHTS_PATH", str(tmp_path))
    monkeypatch.delenv("AWS_REGION", raising=False)
    assert load_weights.main() == 1
    assert "the variable 'AWS_REGION' is not set" in capsys.readouterr().err
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    assert load_weights.main() == 0
    assert "10242 bytes are whole" in capsys.readouterr().out
