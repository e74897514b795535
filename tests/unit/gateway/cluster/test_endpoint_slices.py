import pytest

from gateway.upstreams.endpoint_slices import Access, Translation, replicas_of
from gateway.upstreams.replicas import SlotKey

SLOT = SlotKey("chat", "full", "blue")


def endpoint(address: str, pod: str, **conditions: bool) -> dict[str, object]:
    return {"addresses": [address], "targetRef": {"kind": "Pod", "name": pod}, "conditions": conditions}


def test_those_that_are_ready_and_stay() -> None:
    found = replicas_of(
        {
            "ports": [{"name": "http", "port": 8000}],
            "endpoints": [
                endpoint("198.18.0.2", "chat-full-blue-floor-abc-1", ready=True),
                endpoint("198.18.0.3", "chat-full-blue-burst-abc-1", ready=True),
                endpoint("198.18.0.4", "chat-full-blue-floor-abc-2", ready=False),
                endpoint("198.18.0.5", "chat-full-blue-floor-abc-3", ready=True, terminating=True),
                endpoint("198.18.0.6", "chat-full-blue-floor-abc-4"),
            ],
        },
        SLOT,
        Translation.read("198.18.0.0/15=127.18.0.0/15"),
    )
    assert [(each.address, each.spot) for each in found] == [
        ("127.18.0.2:8000", False), ("127.18.0.3:8000", True), ("127.18.0.6:8000", False),
    ]  # fmt: skip
    assert replicas_of({"endpoints": None, "ports": None}, SLOT) == []


def test_addresses_outside_of_the_network_stay() -> None:
    translation = Translation.read("198.18.0.0/15=127.18.0.0/15")
    assert translation is not None
    assert translation("10.0.0.1") == "10.0.0.1"
    assert translation("198.19.255.254") == "127.19.255.254"
    assert Translation.read("") is None
    with pytest.raises(ValueError, match="two networks of the same size"):
        Translation.read("198.18.0.0/15=127.0.0.0/8")


def test_outside_of_a_cluster_there_is_nobody_to_ask(tmp_path) -> None:  # type: ignore[no-untyped-def]
    assert Access.of_pod({}, tmp_path) is None
    (tmp_path / "token").write_text("t")
    found = Access.of_pod({"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}, tmp_path)
    assert found is not None
    assert found.url == "https://10.0.0.1:443"
