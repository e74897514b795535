import pytest

from gateway.cluster.addresses import Translation


def test_addresses_outside_of_the_network_are_nobodys() -> None:
    translation = Translation.read("198.18.0.0/15=127.18.0.0/15")
    assert translation is not None
    # A pod that runs in name only: it would time out, and is left out instead.
    assert translation("10.0.0.1") is None
    assert translation("198.19.255.254") == "127.19.255.254"
    assert Translation.read("") is None
    with pytest.raises(ValueError, match="two networks of the same size"):
        Translation.read("198.18.0.0/15=127.0.0.0/8")
