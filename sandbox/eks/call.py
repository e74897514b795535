"""What an operation has at hand: who asks for what, what is known, and the world outside."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sandbox.eks.network import Network
from sandbox.eks.records import ClusterRecord, Document, Records, new_id, now
from sandbox.processes.programs import ACCOUNT


@dataclass(frozen=True)
class PlaneState:
    """How the control plane of a cluster is.

    Args:
        endpoint: its address; "" while it has none.
        authority: the certificate that clients trust, in base64.
        ready: whether it takes requests.
        failure: why it does not run, in its own words; "" when nothing failed.
    """

    endpoint: str = ""
    authority: str = ""
    ready: bool = False
    failure: str = ""


class ControlPlanes(Protocol):
    """The control planes behind the clusters."""

    def start(self, region: str, cluster: str) -> None:
        """Start one in the background."""
        ...

    def remove(self, region: str, cluster: str, done: Callable[[], None]) -> None:
        """End one and remove what it kept, in the background; `done` is called at the end."""
        ...

    def state(self, region: str, cluster: str) -> PlaneState:
        """How one is."""
        ...


@dataclass(frozen=True)
class Call:
    """One operation that is being done."""

    region: str
    parameters: Mapping[str, Any]
    records: Records
    network: Network
    planes: ControlPlanes

    def __getitem__(self, name: str) -> Any:
        """A parameter, None when it was not given."""
        return self.parameters.get(name)

    @property
    def record(self) -> ClusterRecord:
        """The cluster that the operation is about.

        Raises:
            EksError: there is none of that name.
        """
        return self.records.cluster(self.region, str(self["clusterName"] or self["name"]))

    def arn(self, resource: str) -> str:
        """The ARN of something in the call's region."""
        return f"arn:aws:eks:{self.region}:{ACCOUNT}:{resource}"

    def given(self, *names: str) -> Document:
        """The parameters of these names that were given."""
        return {name: self.parameters[name] for name in names if self.parameters.get(name) is not None}

    def updated(self, kind: str, **values: Any) -> Document:
        """Write down an update, which is done when it is answered.

        Args:
            kind: `VersionUpdate`, ...
            values: what it was about, by the API's name of the parameter.
        """
        update: Document = {
            "id": new_id(),
            "status": "Successful",
            "type": kind,
            "params": [{"type": name, "value": str(value)} for name, value in values.items()],
            "createdAt": now(),
            "errors": [],
        }
        self.record.updates[update["id"]] = update
        return {"update": update}


Handler = Callable[[Call], Document]


def page(call: Call, member: str, names: list[str]) -> Document:
    """The answer of an operation that lists names; `nextToken` is how many came before."""
    begin, most = int(call["nextToken"] or 0), int(call["maxResults"] or 100)
    more = {"nextToken": str(begin + most)} if begin + most < len(names) else {}
    return {member: names[begin : begin + most], **more}
