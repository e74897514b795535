"""How a pod is asked whether it has started, can serve, and is alive."""

import math

from pulumi_kubernetes.core.v1 import HTTPGetActionArgs, ProbeArgs

from components.serving.protocol import Protocol

# A start may take twice what was measured: less, and a slow disk is taken for a broken server and started anew, which
# is slower still.
START_MARGIN = 2
# Soon after it can serve it is asked to.
START_PERIOD, LEAST_START_SECONDS = 5, 60
# Out of service after 17 s, back after 5: requests go elsewhere at once, and nothing is lost by it.
READY_PERIOD, READY_TIMEOUT, READY_FAILURES = 5, 2, 3
# Started anew after a minute only: that costs a cold start, and a server that is merely full would get it too.
LIVE_PERIOD, LIVE_TIMEOUT, LIVE_FAILURES = 10, 5, 6


def startup(protocol: Protocol, start_seconds: int) -> ProbeArgs:
    """The time a start may take; until then nothing else is asked.

    Args:
        protocol: of the server.
        start_seconds: as measured, from the weights on disk until it answers.
    """
    return _probe(protocol.ready_path, START_PERIOD, READY_TIMEOUT, math.ceil(allowed(start_seconds) / START_PERIOD))


def allowed(start_seconds: int) -> int:
    """Seconds that a start may take."""
    return max(LEAST_START_SECONDS, START_MARGIN * start_seconds)


def readiness(protocol: Protocol) -> ProbeArgs:
    """Whether it gets requests."""
    return _probe(protocol.ready_path, READY_PERIOD, READY_TIMEOUT, READY_FAILURES)


def liveness(protocol: Protocol) -> ProbeArgs:
    """Whether it is started anew."""
    return _probe(protocol.live_path, LIVE_PERIOD, LIVE_TIMEOUT, LIVE_FAILURES)


def _probe(path: str, period: int, timeout: int, failures: int) -> ProbeArgs:
    return ProbeArgs(
        http_get=HTTPGetActionArgs(path=path, port="http"),
        period_seconds=period,
        timeout_seconds=timeout,
        failure_threshold=failures,
    )
