from gateway.cluster.endpoint_slices import Ready
from gateway.upstreams.replicas import Replicas, SlotKey, version_of
from gateway.upstreams.slot_replicas import SlotReplicas

SLOT = SlotKey("chat", "full", "blue")


def ready(number: int, share: str) -> Ready:
    return Ready(f"10.0.0.{number}:8000", f"10.0.0.{number}", f"chat-full-blue-{share}-abc-{number}", f"uid-{number}")


def test_floor_and_burst_are_told_apart() -> None:
    replicas = Replicas()
    slots = SlotReplicas([SLOT], replicas)
    assert list(slots.services) == ["chat-full-blue"]
    for share, spot in (("floor", False), ("burst", True)):
        slots.ready("chat-full-blue", [ready(1, share)])
        found = replicas.pick(SLOT)
        assert found is not None
        assert (found.address, found.spot) == ("10.0.0.1:8000", spot)
    slots.ready("chat-full-blue", [])
    assert replicas.count(SLOT) == 0


def test_a_version_that_becomes_known_is_of_the_replica_there_is() -> None:
    replicas, known = Replicas(), dict[tuple[str, str], str]()
    slots = SlotReplicas([SLOT], replicas)
    slots.version = lambda pod, uid: known.get((pod, uid), "")
    one = ready(1, "floor")
    slots.ready("chat-full-blue", [one])
    found = replicas.pick(SLOT)
    assert found is not None
    assert version_of(SLOT, found) == "full-blue"
    found.in_flight = 3
    known[one.pod, one.uid] = "v7"
    slots.versions({"somebody else"})
    assert version_of(SLOT, found) == "full-blue"
    slots.versions({one.pod})
    assert replicas.pick(SLOT) is found
    assert version_of(SLOT, found) == "v7"
    # Another pod at the same address is another server, with nothing under way.
    other = Ready(one.address, one.shown, "chat-full-blue-floor-abc-2", "uid-2")
    known[other.pod, other.uid] = "v8"
    slots.ready("chat-full-blue", [other])
    after = replicas.pick(SLOT)
    assert after is not None
    assert (after.version, after.in_flight, found.version) == ("v8", 0, "v7")
