"""Archives in a bucket: written under a key of KMS with a checksum, the manifest last."""

import base64
import hashlib
from typing import Any
from urllib.parse import urlparse

from stanchion.cli.state.archive import MANIFEST, Archive, ArchiveError, checked, names_in

PREFIX = "state-archives"


class ArchiveBucket:
    """A bucket that holds archives under `state-archives/<environment>/<time>/`.

    Args:
        bucket: its name.
        region: where it lies.

    Raises:
        StanchionError: from each method, when S3 refuses or does not answer.
    """

    def __init__(self, bucket: str, region: str) -> None:
        # Heavy, and of no use to commands that reach no cloud.
        import boto3  # pyright: ignore[reportMissingTypeStubs]
        from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs]

        session: Any = boto3.Session(region_name=region)
        # One address for all buckets on the local cloud; on AWS both styles lead to the bucket.
        self._s3: Any = session.client("s3", config=Config(s3={"addressing_style": "path"}))
        self._bucket = bucket

    def url(self, environment: str, saved_at: str) -> str:
        """Where an archive lies."""
        return f"s3://{self._bucket}/{PREFIX}/{environment}/{saved_at}"

    def save(self, archive: Archive) -> str:
        """Write an archive; without its manifest, which comes last, it does not count.

        Returns:
            Its URL.

        Raises:
            ArchiveError: the bucket does not encrypt with a key of KMS.
        """
        self._refuse_unencrypted()
        prefix = f"{PREFIX}/{archive.environment}/{archive.saved_at}"
        for name, content in [*sorted(archive.files.items()), (MANIFEST, archive.manifest())]:
            checksum = base64.b64encode(hashlib.sha256(content).digest()).decode()
            self._call(
                "put_object", Key=f"{prefix}/{name}", Body=content, ChecksumAlgorithm="SHA256", ChecksumSHA256=checksum
            )
        return self.url(archive.environment, archive.saved_at)

    def load(self, environment: str, saved_at: str) -> Archive:
        """Read an archive back, whole and unchanged.

        Raises:
            ArchiveError: it is not there, not whole or damaged.
        """
        where = self.url(environment, saved_at)
        prefix = f"{PREFIX}/{environment}/{saved_at}"
        manifest = self._read(f"{prefix}/{MANIFEST}")
        if manifest is None:
            raise ArchiveError(f"there is no whole archive at {where}; `stanchion state list` names those there are.")
        files: dict[str, bytes] = {}
        for name in names_in(manifest, where):
            content = self._read(f"{prefix}/{name}")
            if content is not None:
                files[name] = content
        return checked(manifest, files, where)

    def list(self, environment: str) -> tuple[str, ...]:
        """When the whole archives of an environment were saved, oldest first."""
        found: list[str] = []
        token: dict[str, str] = {}
        while True:
            answer = self._call("list_objects_v2", Prefix=f"{PREFIX}/{environment}/", **token)
            keys = [str(item["Key"]) for item in answer.get("Contents", [])]
            found += [key.split("/")[2] for key in keys if key.endswith(f"/{MANIFEST}")]
            if not answer.get("IsTruncated"):
                return tuple(sorted(found))
            token = {"ContinuationToken": answer["NextContinuationToken"]}

    def _refuse_unencrypted(self) -> None:
        rules = self._call("get_bucket_encryption")["ServerSideEncryptionConfiguration"]["Rules"]
        algorithms = {rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm") for rule in rules}
        if not algorithms <= {"aws:kms", "aws:kms:dsse"}:
            raise ArchiveError(
                f"bucket '{self._bucket}' does not encrypt with a key of KMS ({', '.join(map(str, algorithms))}); "
                "a state tells all about an account: give a bucket that does."
            )

    def _read(self, key: str) -> bytes | None:
        from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs]

        try:
            return bytes(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read())
        except ClientError as error:
            answer: Any = error.response
            if answer["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise ArchiveError(f"s3://{self._bucket}/{key} can't be read: {error}") from None

    def _call(self, operation: str, **arguments: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError  # pyright: ignore[reportMissingTypeStubs]

        try:
            return getattr(self._s3, operation)(Bucket=self._bucket, **arguments)
        except (BotoCoreError, ClientError) as error:
            raise ArchiveError(f"bucket '{self._bucket}' refuses {operation.replace('_', ' ')}: {error}") from None


def parse_url(url: str) -> tuple[str, str, str]:
    """Bucket, environment and time of an archive's URL.

    Raises:
        ArchiveError: it is not the URL of an archive.
    """
    parts = urlparse(url)
    path = parts.path.strip("/").split("/")
    if parts.scheme != "s3" or not parts.netloc or len(path) != 3 or path[0] != PREFIX:
        raise ArchiveError(
            f"'{url}' is not the URL of an archive; allowed: s3://BUCKET/{PREFIX}/ENVIRONMENT/TIME, "
            "as `stanchion state save` and `stanchion state list` write it."
        )
    return parts.netloc, path[1], path[2]
