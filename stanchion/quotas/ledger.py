"""The counters as one gateway knows them: what all used as far as it has heard, and what it used since.

No input and no output: requests are decided here in memory, and whoever runs the ledger carries what was used to the
counters and brings back their sums.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stanchion.quotas.counters import CounterKey, Limit
from stanchion.quotas.decision import ALLOWED, Decision, fits, refused, unknown, warning
from stanchion.quotas.lease import lease
from stanchion.serving.gateway_configuration import Unit, WithoutCounters

# After which a client may try again whose quota can't be known.
_RETRY_SECONDS = 5


@dataclass(slots=True)
class _Counter:
    """One of them.

    Args:
        heard: what all used, as it was read last.
        counted: the same, and what was added from here since.
        sending: on its way to the counter.
        unsent: used here, and not on its way yet.
        since: used here since `heard` was read.
    """

    heard: int = 0
    counted: int = 0
    sending: int = 0
    unsent: int = 0
    since: int = 0

    @property
    def used(self) -> int:
        return self.counted + self.sending + self.unsent


class Ledger:
    """Of one gateway.

    Args:
        share: of what is left that a gateway may use without hearing of the counters.
        notice_seconds: after which they count as gone, when no round was well.
        now: seconds since 1970, of the start.
        most: counters that are kept; beyond, those go that were used longest ago, and `lost` says what with them.
        wake: is called when a round should not wait: a counter that was not read yet, or a lease that is used up.
    """

    def __init__(
        self,
        *,
        share: float,
        notice_seconds: float,
        now: float,
        most: int = 100_000,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        if not 0 < share <= 1:
            raise ValueError(f"a share is {share}; allowed: above 0, 1 at most")
        self._share, self._notice, self._most, self._wake = share, notice_seconds, most, wake
        self._counters: OrderedDict[CounterKey, _Counter] = OrderedDict()
        # Those used since they were heard of: a round is about them, and not about all there are.
        self._touched: dict[CounterKey, _Counter] = {}
        self._swept = int(now // 60)
        self._well_at, self._failed = now, False
        # Amounts that were not added and went with counters that there were too many of.
        self.lost = 0

    def __len__(self) -> int:
        return len(self._counters)

    def gone_seconds(self, now: float) -> float:
        """Since when the counters can't be reached; 0 when they can."""
        return max(0.0, now - self._well_at) if self._gone(now) or self._failed else 0.0

    def take(self, limits: Sequence[Limit], now: float, without_counters: WithoutCounters = "bounded") -> Decision:
        """Let a request in and count it, or refuse it and count nothing.

        Args:
            limits: all that hold for it.
            now: seconds since 1970.
            without_counters: what becomes of it when the counters can't be reached.
        """
        if not limits:
            return ALLOWED
        gone = self._gone(now)
        if gone and without_counters == "refuse":
            return unknown(limits[0], _RETRY_SECONDS)
        counters = [self._counter(limit.counter(now)) for limit in limits]
        if not (gone and without_counters == "allow"):
            worst: Decision | None = None
            for limit, counter in zip(limits, counters, strict=True):
                refusal = self._refusal(limit, counter, now, gone)
                # Who comes back when the first of two quotas begins anew would be refused by the other.
                if refusal is not None and (worst is None or refusal.retry_after > worst.retry_after):
                    worst = refusal
            if worst is not None:
                return worst
        warnings = list[str]()
        counted = set[int]()
        for limit, counter in zip(limits, counters, strict=True):
            # Two limits, of the endpoint's and the key's own scope, may be held against one counter.
            if limit.quota.unit == "requests" and id(counter) not in counted:
                counted.add(id(counter))
                self._use(limit, counter, 1)
            said = warning(limit, counter.used)
            if said:
                warnings.append(said)
        return Decision(True, warning="; ".join(warnings)) if warnings else ALLOWED

    def settle(self, limits: Sequence[Limit], used: dict[Unit, int], now: float) -> None:
        """Count what an answer used.

        Args:
            limits: all that held for it.
            used: by unit, in whole numbers; requests are counted already.
            now: seconds since 1970.
        """
        counted = set[int]()
        for limit in limits:
            more = 0 if limit.quota.unit == "requests" else used.get(limit.quota.unit, 0)
            if more > 0:
                counter = self._counter(limit.counter(now))
                if id(counter) not in counted:
                    counted.add(id(counter))
                    self._use(limit, counter, more)

    def outgoing(self) -> list[tuple[CounterKey, int]]:
        """What was used and not added yet; from now on it is on its way."""
        for counter in self._touched.values():
            counter.sending += counter.unsent
            counter.unsent = 0
        return [(key, counter.sending) for key, counter in self._touched.items() if counter.sending]

    def sent(self, key: CounterKey, added: int) -> None:
        """An amount was added to a counter.

        What was not, or may not have been, stays and is sent again with the next round: rather twice than not at all.
        """
        counter = self._counters.get(key)
        if counter is not None:
            counter.sending -= added
            counter.counted += added

    def wanted(self, now: float) -> list[CounterKey]:
        """Counters to read: those in use whose window is not over."""
        return [key for key in self._touched if not key.period.over(now)]

    def heard(self, key: CounterKey, total: int) -> None:
        """The sum of a counter over all regions, read after what is on its way from here was added."""
        counter = self._counters.get(key)
        if counter is not None:
            # What was used is never given back: a smaller sum is an older one.
            counter.counted = counter.heard = max(counter.counted, total)
            counter.since = counter.sending + counter.unsent
            if not counter.since:
                self._touched.pop(key, None)

    def well(self, now: float) -> None:
        """A round went through, or had nothing to ask; what is over and added is forgotten."""
        self._well_at, self._failed = now, False
        # The shortest window is a minute: before the next one none ends.
        if int(now // 60) == self._swept:
            return
        self._swept = int(now // 60)
        ended = [
            key
            for key, counter in self._counters.items()
            if key.period.over(now) and not counter.sending and not counter.unsent
        ]
        for key in ended:
            del self._counters[key]
            self._touched.pop(key, None)

    def failed(self) -> None:
        """A round did not go through."""
        self._failed = True

    def _gone(self, now: float) -> bool:
        return now - self._well_at >= self._notice

    def _counter(self, key: CounterKey) -> _Counter:
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters[key] = _Counter()
            while len(self._counters) > self._most:
                self._drop_oldest()
            self._wake()
        else:
            self._counters.move_to_end(key)
        self._touched[key] = counter
        return counter

    def _drop_oldest(self) -> None:
        key, counter = self._counters.popitem(last=False)
        self._touched.pop(key, None)
        self.lost += counter.sending + counter.unsent

    def _refusal(self, limit: Limit, counter: _Counter, now: float, gone: bool) -> Decision | None:
        if not fits(limit, counter.used):
            return refused(limit, now)
        if gone and counter.since >= lease(limit.hard - counter.heard, self._share):
            return unknown(limit, _RETRY_SECONDS)
        return None

    def _use(self, limit: Limit, counter: _Counter, more: int) -> None:
        counter.unsent += more
        counter.since += more
        if counter.since >= lease(limit.hard - counter.heard, self._share):
            self._wake()
