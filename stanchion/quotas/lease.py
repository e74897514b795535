"""How much a gateway may use without having heard of the others, and by how much all of them may overrun a quota."""

import math


def lease(left: int, share: float) -> int:
    """What one gateway may use of what is left, until it hears of the counters again.

    As long as gateways are no more than `1 / share`, they use no more than is left, all together, but for the rounding:
    where anything is left, each has at least 1.

    Args:
        left: of the quota, when the counters were heard of last.
        share: above 0, 1 at most.
    """
    return 0 if left <= 0 else min(left, max(1, math.ceil(left * share)))


def overspend(
    *, rate: float, lag_seconds: float, sync_seconds: float, gateways: int, largest: float = 1.0, in_flight: float = 0.0
) -> float:
    """How far a quota may be overrun while the counters can be reached.

    A gateway knows its own use at once. Of another's it knows after three waits, one after the other: that one adds
    what it used to its region's counter (`sync_seconds` at most after using it), the counter is replicated
    (`lag_seconds`, 0 within a region), and this one reads it (`sync_seconds` at most, when it has requests for it). Let
    the quota be used up at some moment. `sync_seconds + lag_seconds` later that can be read everywhere. A gateway lets
    requests in over these seconds, and, whenever the next one comes to it, for the `sync_seconds` at most until it
    reads; from then on it refuses. So what is let in too much is at most the rate, multiplied by the sum of the two.

    Requests come whole: in a stretch of time a gateway may get one more than its rate says, in two stretches two. What
    is known only when an answer has ended, tokens and USD, comes on top: requests under way are let end.

    Args:
        rate: the sum, over all gateways, of what each is asked for at most per second.
        lag_seconds: until an addition in one region can be read in the other; usually below 1 s (Amazon DynamoDB
            developer guide, global tables, replication latency: no bound is promised).
        sync_seconds: between two rounds of a gateway, the time that a round takes included.
        gateways: in all regions.
        largest: of what one request uses; 1 for requests.
        in_flight: what requests under way use that is counted at their end; 0 for requests, counted at their begin.
    """
    return rate * (lag_seconds + 2 * sync_seconds) + 2 * gateways * largest + in_flight


def overspend_without_counters(
    *,
    gateways: int,
    left: int,
    share: float,
    rate: float,
    notice_seconds: float,
    largest: float = 1.0,
    in_flight: float = 0.0,
) -> float:
    """How far a quota may be overrun, with `bounded`, from the moment on at which the counters can't be reached.

    Each gateway goes on until it notices, and after that as far as its lease, in which counts what it used since it
    heard of the counters last. So one uses the larger of the two, which is at most their sum; all of them together may
    use what was left, and the rest is overrun.

    Args:
        gateways: in all regions.
        left: of the quota, as the one that knew least had heard last.
        share: of a lease.
        rate: as for `overspend`.
        notice_seconds: from when they heard last until they notice.
        largest: as for `overspend`.
        in_flight: as for `overspend`.
    """
    until_noticed = rate * notice_seconds + gateways * largest
    return max(0.0, gateways * lease(left, share) + until_noticed - left) + in_flight
