"""What the links between the two regions publish."""

from typing import ClassVar

from stanchion.contracts.contract import Contract, Published


class ReplicationOutputs(Published):
    """Replication of one bucket's objects in one direction; `rule` is the rule's id in the source's configuration."""

    source: str
    destination: str
    rule: str


class BackupPlanOutputs(Published):
    """What backs up one tier in one region; `snapshot_rpo` is in seconds, above the tier's where others keep that."""

    tier: str
    region: str
    plan_id: str
    snapshot_rpo: int
    continuous: bool


class LinksOutputs(Contract):
    """What ties the two regions; `tables` are global, by purpose, with the same name in both."""

    layer: ClassVar[str] = "links"
    contract_version: ClassVar[str] = "1.2.0"

    replications: list[ReplicationOutputs]
    replicated_repositories: str
    backup_plans: list[BackupPlanOutputs] = []
    tables: dict[str, str] = {}
