"""The environment document: the one thing people edit."""

from enum import Enum
from typing import Annotated

from pydantic import Field

from stanchion.spec.accounts import Accounts
from stanchion.spec.network import Network
from stanchion.spec.part import Part
from stanchion.spec.regions import Regions
from stanchion.spec.storage import Storage
from stanchion.spec.tiers import Tier


class Cloud(Enum):
    """Where an environment lives."""

    AWS = "aws"
    LOCAL = "local"


class Retention(Enum):
    """What `destroy` does to data."""

    KEEP = "keep"
    DISPOSABLE = "disposable"


class Environment(Part):
    """One environment: who owns it, where it lies, what it promises, and how its data is kept."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,14}$")]
    """The file's name without its ending; part of every resource's name: 2 to 15 of a-z, 0-9 and -."""
    owner: Annotated[str, Field(min_length=1, max_length=64)]
    """The team that answers for it; a tag on everything."""
    cost_centre: Annotated[str, Field(min_length=1, max_length=64)]
    """Who pays; a cost allocation tag on everything."""
    cloud: Cloud = Cloud.AWS
    """`aws`, or `local` for the local cloud; the program refuses to run against the other one."""
    accounts: Accounts
    regions: Regions
    retention: Retention = Retention.KEEP
    """`keep`: destroy leaves data, and what protects it, in the cloud. `disposable`: destroy removes everything."""
    tiers: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")], Tier] = {}
    """Promises by name; workloads refer to them."""
    network: Network
    storage: Storage = Storage()

    @property
    def keep(self) -> bool:
        """Whether data survives a destroy."""
        return self.retention is Retention.KEEP

    def cidr_of(self, region: str) -> str:
        """The address range of one of the two regions."""
        return self.network.cidr.primary if region == self.regions.primary else self.network.cidr.standby
