"""How far down its ladder each endpoint is served by this gateway, from what its own requests met."""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from stanchion.ladder.conditions import Conditions, Window
from stanchion.ladder.machine import Standing, lower, step
from stanchion.spec.endpoints import Rung

# While a rung is left, a request now and then shows whether it is back.
PROBE_SECONDS = 2.0
# A burst must not make the list of what was seen long; more than this says nothing new.
LONGEST = 2000


class _Seen(NamedTuple):
    at: float
    seconds: float | None


@dataclass(slots=True)
class Rungs:
    """Of one endpoint.

    Args:
        ladder: the rungs, best first.
        conditions: when one is left and taken again.
        now: seconds of a clock that only goes forward.
    """

    ladder: tuple[Rung, ...]
    conditions: Conditions
    now: float
    standing: Standing = field(init=False)
    _seen: dict[Rung, deque[_Seen]] = field(init=False)
    _probed_at: float = field(init=False, default=-math.inf)

    def __post_init__(self) -> None:
        self.standing = Standing.start(self.ladder, self.now)
        self._seen = {rung: deque(maxlen=LONGEST) for rung in self.ladder}

    def first(self, best: Rung, now: float) -> Rung:
        """Where a request starts: not above what the routing document allows, nor above where this gateway stands.

        Args:
            best: that the routing document allows.
            now: seconds.
        """
        rung = lower(best, self.standing.rung, self.ladder)
        place = self.ladder.index(self.standing.rung)
        if place and now - self._probed_at >= PROBE_SECONDS:
            above = self.ladder[place - 1]
            if lower(best, above, self.ladder) == above:
                self._probed_at = now
                return above
        return rung

    def place(self, best: Rung) -> int:
        """Where requests start, probes aside: 0 for the best rung.

        Args:
            best: that the routing document allows.
        """
        return self.ladder.index(lower(best, self.standing.rung, self.ladder))

    def saw(self, rung: Rung, now: float, seconds: float | None) -> None:
        """An attempt on a rung ended.

        Args:
            rung: on which.
            now: seconds.
            seconds: until its answer began; None when there was none.
        """
        self._seen[rung].append(_Seen(now, seconds))

    def step(self, now: float) -> Rung:
        """Look at what was seen, and give the rung that follows from it."""
        spans = dict.fromkeys(self.ladder, self.conditions.leave_seconds)
        place = self.ladder.index(self.standing.rung)
        if place:
            # Probes are few; what they said is looked at for as long as they have to be good.
            spans[self.ladder[place - 1]] = self.conditions.return_seconds
        windows: dict[Rung, Window] = {rung: self._window(rung, now - span) for rung, span in spans.items()}
        before = self.standing.rung
        self.standing = step(self.standing, now, windows, self.ladder, self.conditions)
        if self.standing.rung != before:
            # What was seen led here; it must not lead further without anything new.
            for seen in self._seen.values():
                seen.clear()
        return self.standing.rung

    def _window(self, rung: Rung, since: float) -> Window:
        seen = self._seen[rung]
        while seen and seen[0].at < since:
            seen.popleft()
        answered = sorted(each.seconds for each in seen if each.seconds is not None)
        p95 = answered[math.ceil(len(answered) * 0.95) - 1] if answered else None
        return Window(len(seen), len(seen) - len(answered), p95)
