"""EKS without a network or control planes, asked as a client asks."""

import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from sandbox.eks.call import PlaneState
from sandbox.eks.errors import invalid
from sandbox.eks.network import Network
from sandbox.eks.records import Records
from sandbox.eks.server import Service

ROLE = "arn:aws:iam::000000000000:role/cluster"
ZONES = {"subnet-a": "us-east-1a", "subnet-b": "us-east-1b"}


class StubNetwork(Network):
    """Two subnets, and security groups that are remembered."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1")
        object.__setattr__(self, "groups", list[str]())

    @property
    def made(self) -> list[str]:
        """The security groups there are."""
        return vars(self)["groups"]

    def subnets(self, region: str, ids: Sequence[str]) -> list[dict[str, str]]:
        if missing := [each for each in ids if each not in ZONES]:
            raise invalid(f"The subnet ID '{missing[0]}' does not exist.")
        return [{"vpc": "vpc-1", "zone": ZONES[each]} for each in ids]

    def create_group(self, region: str, vpc: str, cluster: str, suffix: str) -> str:
        self.made.append(f"sg-{cluster}")
        return f"sg-{cluster}"

    def delete_group(self, region: str, group: str) -> None:
        self.made.remove(group)


class StubPlanes:
    """Control planes whose state a test sets."""

    def __init__(self) -> None:
        self.now = PlaneState()
        self.started: list[tuple[str, str]] = []
        self.removals: list[Callable[[], None]] = []

    def start(self, region: str, cluster: str) -> None:
        self.started.append((region, cluster))

    def remove(self, region: str, cluster: str, done: Callable[[], None]) -> None:
        self.removals.append(done)

    def state(self, region: str, cluster: str) -> PlaneState:
        return self.now


class Eks:
    """The service, its planes and its network."""

    def __init__(self, records: Records | None = None, region: str = "us-east-1") -> None:
        self.planes, self.network = StubPlanes(), StubNetwork()
        self.service = Service(records or Records(), self.network, self.planes)
        self.region = region

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        content = b"" if body is None else json.dumps(body).encode()
        return self.service.answer(self.region, method, path, {key: [value] for key, value in query.items()}, content)

    def create_cluster(self, name: str = "main", **more: Any) -> Any:
        body = {"name": name, "roleArn": ROLE, "resourcesVpcConfig": {"subnetIds": list(ZONES)}, **more}
        return self.ask("POST", "/clusters", body)["cluster"]

    def tag_path(self, arn: str) -> str:
        return f"/tags/{quote(arn, safe='')}"


def with_cluster(**more: Any) -> Eks:
    """A service with one cluster that takes access entries."""
    eks = Eks()
    eks.create_cluster(**{"accessConfig": {"authenticationMode": "API"}, **more})
    return eks
