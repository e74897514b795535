"""Probes: a start has time, readiness is quick, liveness is calm."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.serving.probes import LEAST_START_SECONDS, allowed, liveness, readiness, startup
from components.serving.protocol import PROTOCOLS, Kind


def seconds(probe: Any) -> int:
    return probe.period_seconds * probe.failure_threshold


@given(st.integers(1, 10_000))
def test_a_start_may_take_twice_what_was_measured(measured: int) -> None:
    probe = startup(PROTOCOLS[Kind.LLM], measured)
    assert seconds(probe) >= max(2 * measured, LEAST_START_SECONDS)
    assert seconds(probe) <= allowed(measured) + probe.period_seconds  # pyright: ignore[reportOperatorIssue]


@pytest.mark.parametrize("kind", Kind)
def test_a_server_gets_no_requests_long_before_it_is_started_anew(kind: Kind) -> None:
    ready, live = readiness(PROTOCOLS[kind]), liveness(PROTOCOLS[kind])
    assert seconds(ready) <= 20
    assert seconds(live) >= 3 * seconds(ready)
    assert live.timeout_seconds > ready.timeout_seconds  # pyright: ignore[reportOperatorIssue]


def test_a_server_that_starts_is_asked_whether_it_can_serve() -> None:
    predictor = PROTOCOLS[Kind.PREDICTOR]
    assert startup(predictor, 10).http_get.path == predictor.ready_path  # pyright: ignore
    assert liveness(predictor).http_get.path == predictor.live_path  # pyright: ignore
