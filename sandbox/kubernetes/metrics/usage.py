"""CPU and memory of the processes of pods."""

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import psutil

from sandbox.kubernetes.process_node.processes import POD_MARK


@dataclass(frozen=True)
class Usage:
    """What one pod uses.

    Args:
        cores: of CPU, on average over the window.
        bytes: of memory, resident; pages that processes share count for each.
        window_seconds: that it was watched for.
    """

    cores: float
    bytes: int
    window_seconds: float


@dataclass
class Meter:
    """Looks at all processes of pods from time to time; a pod has a usage from the second look on."""

    _before: dict[int, tuple[float, float]] = field(default_factory=dict, init=False)
    _looked: float | None = field(default=None, init=False)
    _usage: Mapping[str, Usage] = field(default_factory=dict, init=False)

    def look(self) -> None:
        """Measure; what was used since the look before is the usage from now on."""
        now, seen = time.monotonic(), {}
        seconds, memory, known = defaultdict[str, float](float), defaultdict[str, int](int), set[str]()
        for process in psutil.process_iter():
            try:
                pod = process.environ().get(POD_MARK)
                if pod is None:
                    continue
                with process.oneshot():
                    begun, times, size = process.create_time(), process.cpu_times(), process.memory_info().rss
            except (psutil.Error, OSError):
                continue
            used = times.user + times.system
            seen[process.pid] = (begun, used)
            earlier = self._before.get(process.pid)
            # A number that was given anew is another process, which has used all it used since then.
            seconds[pod] += used - (earlier[1] if earlier and earlier[0] == begun else 0.0)
            memory[pod] += size
            if earlier:
                known.add(pod)
        if self._looked is not None:
            window = now - self._looked
            self._usage = {pod: Usage(seconds[pod] / window, memory[pod], window) for pod in known}
        self._before, self._looked = seen, now

    def of(self, pod_uid: str) -> Usage | None:
        """What a pod used; none for one in name only, or that has only just begun."""
        return self._usage.get(pod_uid)
