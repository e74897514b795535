"""Addresses of pods: each has one of its own, so it keeps its ports, and they are reached on the loopback interface.

The API refuses loopback addresses as endpoints of a service. So a pod's address in the API is one of 198.18.0.0/15, the
range set aside for measurements between networks (RFC 2544), which nobody routes; the process listens on the same
address with 127 in front, which Linux takes for its own. `127.18.3.9` answers for `198.18.3.9`.
"""

import errno
import hashlib
import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.errors import SandboxError, SandboxFailedError

POD_ADDRESSES = ipaddress.ip_network("198.18.0.0/15")
_LOOPBACK = 127
# Pods that run in name only have addresses like those on fake nodes: from them it can be told that nobody answers.
_IN_NAME = 10
# A node has 256 addresses: the first is none, the second its own, the last none.
_PER_NODE = 256
_NODES = POD_ADDRESSES.num_addresses // _PER_NODE
# The kubelet's; held so that no other node of this machine takes the same addresses.
_CLAIM_PORT = 10250


def loopback_of(address: str) -> str:
    """Where what has an address of the local cluster's pods listens.

    Raises:
        SandboxError: the address is not one of a pod on a process node, so nothing listens for it.
    """
    try:
        found = ipaddress.IPv4Address(address)
    except ValueError:
        found = None
    if found is None or found not in POD_ADDRESSES:
        raise SandboxError(
            f"'{address}' is not the address of a pod on a process node; those are in {POD_ADDRESSES}, "
            "and pods on other nodes run in name only."
        )
    return str(ipaddress.IPv4Address(bytes([_LOOPBACK, *found.packed[1:]])))


def in_name_only(address: str) -> str:
    """What the API shows for a pod that has taken an address and listens nowhere: 10 in front in place of 198."""
    return str(ipaddress.IPv4Address(bytes([_IN_NAME, *ipaddress.IPv4Address(address).packed[1:]])))


@dataclass
class NodeAddresses:
    """The addresses of one node, its own for as long as this process lives.

    Args:
        number: of the node, from 0.
        claim: what keeps others away.
    """

    number: int
    claim: socket.socket = field(repr=False)
    _used: set[str] = field(default_factory=set, init=False)
    _turn: Iterator[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._turn = self._in_turn()

    @classmethod
    def take(cls, owner: str) -> "NodeAddresses":
        """Addresses that no other node of this machine has, the same for the same owner where that is possible.

        Args:
            owner: names the node among all of this machine.

        Raises:
            SandboxError: this system has one loopback address only.
            SandboxFailedError: all are taken.
        """
        first = int.from_bytes(hashlib.sha256(owner.encode()).digest()[:4]) % _NODES
        for offset in range(_NODES):
            number = (first + offset) % _NODES
            claim = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            try:
                claim.bind((loopback_of(_address(number, 1)), _CLAIM_PORT))
            except OSError as error:
                claim.close()
                if error.errno == errno.EADDRNOTAVAIL:
                    raise SandboxError(
                        "process nodes need a system on which all of 127.0.0.0/8 is the machine's own, as Linux; "
                        f"here 127.18.0.0/16 is not: {error.strerror}."
                    ) from error
                continue
            return cls(number, claim)
        raise SandboxFailedError(
            f"all {_NODES} ranges of pod addresses of this machine are taken; stop other local clouds on it."
        )

    @property
    def own(self) -> str:
        """The node's."""
        return _address(self.number, 1)

    def lend(self) -> str:
        """An address for a pod; one that was given back is lent again as late as possible.

        Raises:
            SandboxFailedError: all are lent.
        """
        for _ in range(_PER_NODE):
            address = next(self._turn)
            if address not in self._used:
                self._used.add(address)
                return address
        raise SandboxFailedError(f"all addresses of node {self.number} are lent to pods.")

    def give_back(self, address: str) -> None:
        """A pod is gone."""
        self._used.discard(address)

    def close(self) -> None:
        """Let others have the addresses."""
        self.claim.close()

    def _in_turn(self) -> Iterator[str]:
        while True:
            for last in range(2, _PER_NODE - 1):
                yield _address(self.number, last)


def _address(node: int, last: int) -> str:
    return str(POD_ADDRESSES[node * _PER_NODE + last])
