"""Remembers by which program each stack was brought up, so that one whose preview has nothing to do is not updated too.

A preview shows what changes in the cloud. What an update would write besides that - dependencies, protection - follows
from the program alone, so the same program and the same preview mean the same state.
"""

import hashlib
import json
import os
from pathlib import Path

from sandbox.run_directory import CHECKOUT

# What a stack's program is made of.
_PROGRAM = (
    "__main__.py", "Pulumi.yaml", "components", "functions", "stacks", "stanchion", "requirements/local.txt"
)  # fmt: skip
_SUFFIXES = frozenset({".py", ".yaml", ".json", ".txt"})


class Settled:
    """The stacks that were brought up to their end.

    Args:
        file: where it is kept.
        program: of now, as `program_of` gives it.
    """

    def __init__(self, file: Path, program: str) -> None:
        self._file, self._program = file, program

    def is_settled(self, stack: str) -> bool:
        """Whether a stack was brought up by this very program."""
        return self._read().get(stack) == self._program

    def begin(self, stack: str) -> None:
        """An update begins: until its end nothing is known of the stack."""
        known = self._read()
        if known.pop(stack, None) is not None:
            self._write(known)

    def end(self, stack: str) -> None:
        """It ended well."""
        self._write({**self._read(), stack: self._program})

    def _read(self) -> dict[str, str]:
        try:
            known = json.loads(self._file.read_text(encoding="utf-8"))
        # Whatever is wrong with it, the stacks are updated once more and it is whole again.
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def _write(self, known: dict[str, str]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(f".{os.getpid()}")
        new.write_text(json.dumps(known, indent=2), encoding="utf-8")
        new.replace(self._file)


def program_of(environment: str, checkout: Path = CHECKOUT) -> str:
    """A hash of everything that an environment's stacks are declared by.

    Args:
        environment: its name.
        checkout: the folder with the program.
    """
    places = [checkout / name for name in _PROGRAM] + [checkout / "environments" / f"{environment}.yaml"]
    files = sorted(
        file
        for place in places
        for file in ([place] if place.is_file() else place.rglob("*"))
        if file.suffix in _SUFFIXES and file.is_file()
    )
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(checkout)}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
