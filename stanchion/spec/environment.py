"""The environment document as a whole."""

from collections.abc import Iterator
from enum import Enum
from typing import Annotated

from pydantic import AfterValidator, Field

from stanchion.spec.accounts import Accounts
from stanchion.spec.capacity import Capacity
from stanchion.spec.continuity import Continuity, VaultLock
from stanchion.spec.endpoint_rules import endpoint_rules
from stanchion.spec.endpoints import ENDPOINT_NAME, BatchEndpoint, Endpoint, OnlineEndpoint
from stanchion.spec.entry import Entry
from stanchion.spec.entry_rules import entry_remarks, entry_rules
from stanchion.spec.functions import Functions
from stanchion.spec.gateway import Gateway
from stanchion.spec.gateway_rules import gateway_rules
from stanchion.spec.model_rules import model_rules
from stanchion.spec.models import MODEL_NAME, Model
from stanchion.spec.network import Nat, Network
from stanchion.spec.part import Broken, Part
from stanchion.spec.refusal import Refusal
from stanchion.spec.regions import Regions
from stanchion.spec.storage import Storage
from stanchion.spec.text import Form
from stanchion.spec.tiers import Tier

NAME = Form(
    "^[a-z][a-z0-9-]{1,14}$",
    "2 to 15 small letters, digits and dashes, a letter first",
    "write a short name such as prod",
)
# What AWS takes as the value of a tag.
_TAG = Form(
    r"^[A-Za-z0-9][A-Za-z0-9 .:/=+@_-]{0,127}$",
    "1 to 128 letters, digits, blanks and . : / = + - @ _, a letter or digit first",
    "write a name or an address such as ml-platform@example.com",
)
_TIER_NAME = Form(
    "^[a-z][a-z0-9-]{1,29}$",
    "2 to 30 small letters, digits and dashes, a letter first",
    "write a name such as critical",
)


class Cloud(Enum):
    """Which cloud the environment lies in: AWS, or the local cloud on one machine."""

    AWS = "aws"
    LOCAL = "local"


class Retention(Enum):
    """What becomes of data when a stack is destroyed."""

    KEEP = "keep"
    DISPOSABLE = "disposable"


def _some_tier(tiers: dict[str, Tier]) -> dict[str, Tier]:
    if not tiers:
        raise Refusal(
            "there is no tier", allowed="at least one tier", fix="add one, such as `standard:` with rto and rpo"
        )
    return tiers


class Environment(Part):
    """Everything a team says about one environment; the file is environments/<name>.yaml."""

    name: Annotated[str, NAME] = Field(
        description="The environment's name, the same as the file's; part of every stack's name.", examples=["prod"]
    )
    owner: Annotated[str, _TAG] = Field(
        description="Who answers for it; a tag on every resource.", examples=["ml-platform@example.com"]
    )
    cost_centre: Annotated[str, _TAG] = Field(
        description="Who pays for it; a tag on every resource.", examples=["ml-platform"]
    )
    cloud: Cloud = Field(
        description="`aws`, or `local` for the local cloud. Each is refused where the other is meant.",
        examples=["local"],
    )
    accounts: Accounts = Field(
        description="The accounts everything lies in; any other is refused.", examples=['{workload: "111122223333"}']
    )
    regions: Regions = Field(
        description="Primary, standby and witness: three different regions.",
        examples=["{primary: us-east-1, standby: us-west-2, witness: us-east-2}"],
    )
    retention: Retention = Field(
        default=Retention.KEEP,
        description="`keep`: destroying a stack leaves its data, keys and logs. `disposable`: it removes them.",
    )
    tiers: Annotated[dict[Annotated[str, _TIER_NAME], Tier], AfterValidator(_some_tier)] = Field(
        description="Recovery objectives by tier; workloads name the tier they belong to.",
        examples=["{standard: {rto: 4h, rpo: 6h, decide: {region: 30m}}}"],
        json_schema_extra={"minProperties": 1, "propertyNames": {"pattern": _TIER_NAME.pattern}},
    )
    network: Network = Field(
        description="A VPC per region over three zones.",
        examples=["{cidr: {primary: 10.20.0.0/16, standby: 10.21.0.0/16}}"],
    )
    storage: Storage = Field(default_factory=Storage, description="Buckets by purpose, and container repositories.")
    continuity: Continuity = Field(
        default_factory=Continuity, description="Backups: their lock, their life, their copies, their restores."
    )
    capacity: Capacity | None = Field(
        default=None, description="Clusters and their nodes; an environment without it serves no model."
    )
    models: dict[Annotated[str, MODEL_NAME], Model] = Field(
        default_factory=dict,
        description="Models by name: their variants, and what these need.",
        json_schema_extra={"propertyNames": {"pattern": MODEL_NAME.pattern}},
    )
    endpoints: dict[Annotated[str, ENDPOINT_NAME], Endpoint] = Field(
        default_factory=dict,
        description="Endpoints by name: which model serves whom, and with how many replicas.",
        json_schema_extra={"propertyNames": {"pattern": ENDPOINT_NAME.pattern}},
    )
    gateway: Gateway | None = Field(
        default=None, description="What every request passes; there is one where there is an online endpoint."
    )
    functions: Functions = Field(default_factory=Functions, description="How the platform's own functions run.")
    entry: Entry | None = Field(
        default=None, description="How clients come in; an environment without it has no load balancer."
    )

    def rules(self) -> Iterator[Broken]:
        """What must hold between the parts."""
        if self.continuity.lock is VaultLock.COMPLIANCE and not self.keep:
            yield (
                "continuity.lock",
                Refusal(
                    "'compliance' can never be lifted, and retention: disposable says that destroy removes the vault",
                    allowed="governance with retention: disposable",
                    fix="write lock: governance, or retention: keep",
                ),
            )
        without = next((key for key in ("endpoints", "models") if getattr(self, key)), None)
        if self.capacity is None and without is not None:
            yield (
                without,
                Refusal(
                    "there is no capacity for them to run on",
                    allowed=f"{without} only with capacity",
                    fix=f"add capacity: with administrators and pools, or remove {without}",
                ),
            )
        local = self.cloud is Cloud.LOCAL
        yield from model_rules(self.models, self.capacity, self.storage.repositories, local=local)
        yield from endpoint_rules(self.name, self.endpoints, self.tiers, self.models, self.capacity, local=local)
        yield from gateway_rules(
            self.gateway, self.endpoints, self.models, self.capacity, self.storage.repositories, self.regions,
            local=local,
        )  # fmt: skip
        if self.entry is not None:
            account = None if local else self.accounts.workload
            yield from entry_rules(self.entry, self.endpoints, self.tiers, self.regions, account)

    @property
    def keep(self) -> bool:
        """Whether data outlives the stack that made it."""
        return self.retention is Retention.KEEP

    @property
    def online_endpoints(self) -> dict[str, OnlineEndpoint]:
        """The endpoints that answer requests, by name."""
        return {name: each for name, each in self.endpoints.items() if isinstance(each, OnlineEndpoint)}

    @property
    def batch_endpoints(self) -> dict[str, BatchEndpoint]:
        """The endpoints that work through objects, by name."""
        return {name: each for name, each in self.endpoints.items() if isinstance(each, BatchEndpoint)}

    def cidr_of(self, region: str) -> str:
        """The address range of one of the two regions.

        Raises:
            KeyError: the environment has no network in that region.
        """
        ranges = {self.regions.primary: self.network.cidr.primary, self.regions.standby: self.network.cidr.standby}
        return ranges[region]

    def remarks(self) -> Iterator[str]:
        """Sentences about what is allowed, and still worth knowing before it hurts."""
        if self.keep and self.accounts.backup is None:
            yield "accounts.backup is not set: backups stay in the workload account and are lost together with it."
        if self.accounts.backup == self.accounts.workload:
            yield "accounts.backup is the workload account: backups are lost together with it."
        if self.network.nat is Nat.NONE and not self.network.interface_endpoints:
            yield "network.nat is none without interface_endpoints: private subnets reach S3 and DynamoDB only."
        if self.keep and self.network.nat is Nat.SINGLE:
            yield "network.nat is single: the loss of one zone cuts the private subnets of all zones from the internet."
        if self.entry is not None:
            yield from entry_remarks(self.entry, self.online_endpoints)
