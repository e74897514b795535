"""Times a command over several runs and says what the machine was."""

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Timing:
    """Wall seconds of each counted run."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def above(self, other: "Timing") -> "Timing":
        """How much longer each round took than the same round of the other: a machine drifts less within a round."""
        return Timing(tuple(mine - its for mine, its in zip(self.seconds, other.seconds, strict=True)))

    def __str__(self) -> str:
        return f"{self.median:.2f} s ({min(self.seconds):.2f} to {max(self.seconds):.2f}, n={len(self.seconds)})"


def timed(command: list[str], folder: Path, variables: dict[str, str]) -> float:
    """Wall seconds of one run; a run that fails is no measurement."""
    begun = time.monotonic()
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return time.monotonic() - begun


def repeat(act: Callable[[], float], runs: int = 5) -> Timing:
    """One warm-up, then the counted runs."""
    act()
    return Timing(tuple(act() for _ in range(runs)))


def in_turn(*acts: Callable[[], float], runs: int = 5) -> tuple[Timing, ...]:
    """Several things measured A B A B, after a warm-up each, so that a drifting machine does not favour one."""
    for act in acts:
        act()
    rounds = [[act() for act in acts] for _ in range(runs)]
    return tuple(Timing(tuple(each[number] for each in rounds)) for number in range(len(acts)))


def machine() -> str:
    """What the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.machine()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {system}, Python {platform.python_version()}"
