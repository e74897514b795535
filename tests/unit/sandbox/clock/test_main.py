import pytest

from sandbox.clock.__main__ import is_lost
from sandbox.errors import SandboxError
from sandbox.front_door.control import Control
from sandbox.front_door.faults import Effect, Fault


@pytest.mark.parametrize(
    ("fault", "lost"),
    [
        (Fault(Effect.DROP, region="us-east-1"), True),
        (Fault(Effect.HANG, service="scheduler"), True),
        (Fault(Effect.DROP, region="us-west-2"), False),
        (Fault(Effect.UNAVAILABLE, region="us-east-1", service="batch"), False),
        (Fault(Effect.LATENCY, region="us-east-1", seconds=1), False),
    ],
)
def test_a_region_is_lost_when_nobody_reaches_its_schedules(
    fault: Fault, lost: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Control, "faults", lambda _: [fault])
    assert is_lost(Control(1), "us-east-1") is lost


def test_without_a_front_door_every_region_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_: Control) -> list[Fault]:
        raise SandboxError("it does not answer")

    monkeypatch.setattr(Control, "faults", down)
    assert is_lost(Control(1), "us-east-1")
