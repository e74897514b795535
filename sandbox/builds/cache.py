"""Where what was downloaded or built is kept, by version, outside of any checkout."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from sandbox.errors import SandboxError

CACHE_VARIABLE = "STANCHION_CACHE_DIR"
_UNFINISHED = ".unfinished-"


@dataclass(frozen=True)
class Cache:
    """A folder of builds, `<kind>/<version>-<source>/bin`; an entry is there whole or not at all.

    Args:
        root: what is kept of every kind.
        kind: a folder in it, with a lock of its own.
        what: a build of the kind, as an error names it.
    """

    root: Path
    kind: str = "engine"
    what: str = "the engine"

    @classmethod
    def default(cls, kind: str = "engine", what: str = "the engine") -> "Cache":
        """In STANCHION_CACHE_DIR, else in the user's cache folder."""
        chosen = os.environ.get(CACHE_VARIABLE)
        return cls(Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("stanchion"), kind, what)

    def has(self, version: str, source: str) -> bool:
        """Whether the entry is there."""
        return self._entry(version, source).is_dir()

    @property
    def busy(self) -> bool:
        """Whether a process makes an entry now."""
        try:
            with (self._folder / "lock").open("rb") as lock:
                # Shared, so that two who look don't take each other for the maker.
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def get(self, version: str, source: str, make: Callable[[Path], None], tell: Callable[[str], None]) -> Path:
        """The `bin` folder of an entry; made when it is not there, by one process at a time.

        Args:
            make: fills an empty folder; nothing is kept when it raises or is killed.
            tell: is given a line when another process is at work.

        Raises:
            SandboxError: the cache can't be written to.
        """
        entry = self._entry(version, source)
        if entry.is_dir():
            return entry / "bin"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = (self._folder / "lock").open("w")
        except OSError as error:
            raise SandboxError(
                f"{self.what} can't be kept in {self._folder}: {error.strerror}; "
                f"set {CACHE_VARIABLE} to another folder."
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                tell(f"another checkout is making {self.what}; waiting for it")
                fcntl.flock(lock, fcntl.LOCK_EX)
            if not entry.is_dir():
                self._make(entry, make)
        return entry / "bin"

    def _make(self, entry: Path, make: Callable[[Path], None]) -> None:
        # Holding the lock, so what lies unfinished belongs to a process that was killed.
        for left in self._folder.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left, ignore_errors=True)
        work = Path(tempfile.mkdtemp(dir=self._folder, prefix=_UNFINISHED))
        try:
            (work / "bin").mkdir()
            make(work / "bin")
            work.rename(entry)
        finally:
            shutil.rmtree(work, ignore_errors=True)

    @property
    def _folder(self) -> Path:
        return self.root / self.kind

    def _entry(self, version: str, source: str) -> Path:
        return self._folder / f"{version}-{source}"
