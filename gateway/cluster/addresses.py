"""Addresses of pods that are reached at others, as on the local cloud, where pods listen on the loopback."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

# Where pods of the local cloud listen, when not on their own address: `198.18.0.0/15=127.18.0.0/15`.
ADDRESSES = "STANCHION_POD_ADDRESSES"


@dataclass(frozen=True, slots=True)
class Translation:
    """From what the API shows to where it is reached."""

    shown: IPv4Network
    reached: IPv4Network

    @classmethod
    def read(cls, text: str) -> "Translation | None":
        """From `198.18.0.0/15=127.18.0.0/15`; None from an empty text.

        Raises:
            ValueError: not two networks of the same size.
        """
        if not text:
            return None
        shown, _, reached = text.partition("=")
        one, other = IPv4Network(shown), IPv4Network(reached)
        if one.prefixlen != other.prefixlen:
            raise ValueError(f"{ADDRESSES} is '{text}'; allowed: two networks of the same size, such as A/15=B/15.")
        return cls(one, other)

    def __call__(self, address: str) -> str | None:
        """Where an address is reached; None for that of a pod which runs in name only, where nobody answers."""
        found = IPv4Address(address)
        if found not in self.shown:
            return None
        return str(self.reached.network_address + (int(found) - int(self.shown.network_address)))
