import contextlib
import ipaddress

import pytest

from sandbox.errors import SandboxError, SandboxFailedError
from sandbox.kubernetes.process_node.addresses import POD_ADDRESSES, NodeAddresses, in_name_only, loopback_of


def test_an_address_is_reached_on_the_loopback_interface():
    assert loopback_of("198.18.3.9") == "127.18.3.9"
    assert loopback_of("198.19.255.254") == "127.19.255.254"
    assert ipaddress.ip_address(loopback_of("198.19.0.1")).is_loopback


@pytest.mark.parametrize("address", ["10.0.0.7", "198.20.0.1", "127.0.0.1", "::1", "", "pod"])
def test_an_address_that_no_process_has(address: str):
    with pytest.raises(SandboxError, match=rf"'{address}' is not the address of a pod on a process node"):
        loopback_of(address)


def test_two_nodes_share_no_address_and_the_same_node_gets_its_own_again():
    # The second is of the same name on another local cloud of this machine.
    with (
        contextlib.closing(NodeAddresses.take("a")) as first,
        contextlib.closing(NodeAddresses.take("a")) as second,
    ):
        assert first.number != second.number
        assert not {first.lend() for _ in range(253)} & {second.lend() for _ in range(253)}
    with contextlib.closing(NodeAddresses.take("a")) as again:
        assert again.number == first.number


def test_addresses_are_lent_once_and_as_late_as_possible_again():
    with contextlib.closing(NodeAddresses.take("a")) as addresses:
        first = addresses.lend()
        addresses.give_back(first)
        lent = [addresses.lend() for _ in range(253)]
        assert len(set(lent)) == 253
        assert lent[-1] == first
        assert all(ipaddress.ip_address(address) in POD_ADDRESSES for address in lent)
        assert addresses.own not in lent
        with pytest.raises(SandboxFailedError, match=r"all addresses of node \d+ are lent"):
            addresses.lend()


def test_a_pod_in_name_only_has_an_address_at_which_nobody_is_looked_for():
    assert in_name_only("198.19.3.9") == "10.19.3.9"
    with pytest.raises(SandboxError, match="in name only"):
        loopback_of(in_name_only("198.19.3.9"))
