"""What pods write: one file per pod and container, turned over by size, kept for a while after the pod is gone."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

# As the kubelet's containerLogMaxSize; it keeps five files, this keeps two.
_LARGEST_BYTES = 10 * 2**20
# Of pods that are gone, for whoever looks into what happened.
_KEPT_FILES = 100


@dataclass
class Log:
    """One log.

    Args:
        file: its newest part; the part before it has `.1` at the end of its name.
        largest_bytes: of a part.
    """

    file: Path
    largest_bytes: int = _LARGEST_BYTES

    def write(self, content: bytes) -> None:
        """Add to it; a disk that is full loses lines and ends no pod."""
        with contextlib.suppress(OSError):
            with self.file.open("ab") as stream:
                stream.write(content)
                size = stream.tell()
            if size >= self.largest_bytes:
                self.file.replace(older_part(self.file))


def older_part(file: Path) -> Path:
    """Where the part before the newest lies."""
    return file.with_name(f"{file.name}.1")


@dataclass(frozen=True)
class LogFolder:
    """The logs of one node."""

    path: Path

    def log_of(self, namespace: str, pod: str, container: str) -> Log:
        """The log of a container, over all its starts."""
        return Log(self.path / f"{namespace}_{pod}_{container}.log")

    def tidy(self) -> None:
        """Forget the oldest."""
        files = sorted(self.path.glob("*.log*"), key=lambda file: file.stat().st_mtime)
        for file in files[:-_KEPT_FILES]:
            file.unlink(missing_ok=True)

    def read(self, namespace: str, pod: str) -> str | None:
        """What a pod wrote that this node runs or ran; none when it was not here."""
        files = sorted(self.path.glob(f"{namespace}_{pod}_*.log"))
        # A pod that has just turned its log over has only the older part.
        files += [part.with_suffix("") for part in self.path.glob(f"{namespace}_{pod}_*.log.1")]
        if not files:
            return None
        parts = [part for file in sorted(set(files)) for part in (older_part(file), file) if part.is_file()]
        return "".join(part.read_text(encoding="utf-8", errors="replace") for part in parts)
