from gateway.routing.rungs import PROBE_SECONDS, Rungs
from stanchion.ladder.conditions import Conditions

CONDITIONS = Conditions(slow_seconds=1.0, leave_seconds=10, return_seconds=30, stay_seconds=60)


def test_it_goes_down_when_answers_are_slow_and_comes_back_by_its_probes() -> None:
    rungs = Rungs(("full", "cached"), CONDITIONS, 0.0)
    now = 0.0
    while rungs.standing.rung == "full":
        now += 1
        for _ in range(5):
            rungs.saw("full", now, 3.0)
        rungs.step(now)
        assert now < 20
    assert 10 <= now <= 13
    probes = [at / 10 for at in range(int(now * 10), int(now * 10) + 100) if rungs.first("full", at / 10) == "full"]
    assert len(probes) == 10 / PROBE_SECONDS
    begun = now
    while rungs.standing.rung == "cached":
        now += 1
        if rungs.first("full", now) == "full":
            rungs.saw("full", now, 0.1)
        rungs.step(now)
        assert now < begun + 100
    assert now - begun >= CONDITIONS.stay_seconds


def test_what_the_document_does_not_allow_is_not_probed() -> None:
    rungs = Rungs(("full", "quantized", "cached"), CONDITIONS, 0.0)
    assert rungs.first("quantized", 1.0) == "quantized"
    for at in range(1, 30):
        for _ in range(5):
            rungs.saw("full", float(at), None)
        rungs.step(float(at))
    assert rungs.standing.rung == "quantized"
    # Where requests start, whoever holds them there.
    assert (rungs.place("full"), rungs.place("quantized"), rungs.place("cached")) == (1, 1, 2)
    assert {rungs.first("quantized", 100.0 + at) for at in range(20)} == {"quantized"}
    assert "full" in {rungs.first("full", 200.0 + at) for at in range(20)}
