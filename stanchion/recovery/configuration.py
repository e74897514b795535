"""The configuration by which any program is judged: objectives, who owns what, what lies elsewhere, evidence.

For programs that are not Stanchion's, and for what the environment document does not say. The policy configuration
extends it with rules and exemptions, so that both commands read one file.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from stanchion.recovery.disruption import Disruption
from stanchion.recovery.evidence import read_evidence
from stanchion.recovery.objectives import TierObjectives
from stanchion.recovery.settings import ResourceRule, Settings
from stanchion.spec.accounts import AccountId
from stanchion.spec.loader import environment_names, load_environment, load_part
from stanchion.spec.part import Broken, Part
from stanchion.spec.refusal import Refusal
from stanchion.spec.tiers import Tier
from stanchion.spec.units import Duration

if TYPE_CHECKING:
    from stanchion.spec import Environment


class Mapped(Part):
    """What resources without our tags are: the keys stand for the tags `stanchion:<key>`."""

    match: str = Field(description="A pattern (`*`, `?`) over URN, type or name.", examples=["aws:s3/*", "orders-*"])
    workload: str | None = Field(default=None, description="The workload that owns them.")
    tier: str | None = Field(default=None, description="The tier of that workload.")
    data: Literal["disposable", "record"] | None = Field(
        default=None, description="`disposable`: what they hold may be lost. `record`: nothing waits for its return."
    )
    restore: Duration | None = Field(default=None, description="How long the team takes to restore them.")
    shared: bool | None = Field(default=None, description="Several workloads use them.")

    def rules(self) -> Iterator[Broken]:
        """It says something."""
        if not self.tags():
            yield (
                "",
                Refusal(
                    "it matches resources and says nothing about them",
                    allowed="at least one of workload, tier, data, restore, shared",
                    fix="add a key such as `workload: orders`",
                ),
            )

    def tags(self) -> dict[str, str]:
        """As tags, without the prefix."""
        found = {"workload": self.workload, "tier": self.tier, "data": self.data}
        tags = {key: value for key, value in found.items() if value is not None}
        if self.restore is not None:
            tags["restore"] = str(self.restore)
        if self.shared is not None:
            tags["shared"] = str(self.shared).lower()
        return tags


class RecoveryConfiguration(Part):
    """What recovery is judged by; every key may be left out."""

    environment: str | None = Field(default=None, description="The document in environments/ that holds the tiers.")
    tiers: dict[str, Tier] = Field(default_factory=dict[str, Tier], description="Objectives by tier; they win.")
    resources: tuple[Mapped, ...] = Field(
        default=(), description="What resources without our tags are; later ones win."
    )
    elsewhere: dict[Literal["application", "infrastructure", "zone", "region"], str] = Field(
        default_factory=dict[Literal["application", "infrastructure", "zone", "region"], str],
        description="Disruptions whose protection is declared in another program, and in which: not assessed here.",
        examples=['{region: "the stack platform-links"}'],
    )
    evidence: str | None = Field(default=None, description="A folder of what drills measured.")
    context: tuple[str, ...] = Field(default=(), description="Plans or exports of other stacks that belong to it.")
    cloud: Literal["aws", "local"] | None = Field(default=None, description="Whose evidence counts.")
    account: AccountId | None = Field(default=None, description="Whose evidence counts.")


def load_configuration(path: Path) -> RecoveryConfiguration:
    """Read a configuration.

    Raises:
        SpecError: it can't be read, or something in it is wrong; it carries every problem.
    """
    return load_part(RecoveryConfiguration, path, str(path))


def settings_from(
    configuration: RecoveryConfiguration | None, environment: str | None, root: Path, *, optional: bool = False
) -> Settings:
    """Settings from a configuration and an environment document.

    Args:
        configuration: None for none.
        environment: wins over the configuration's; None when nothing names one.
        root: the folder that holds environments/.
        optional: an environment whose document is not there is no error, and nothing is judged by it; one that is there
            and wrong is.

    Raises:
        StanchionError: a document or the evidence can't be read.
    """
    configuration = configuration or RecoveryConfiguration()
    name = environment or configuration.environment
    document: Environment | None = None
    if name and not (optional and name not in environment_names(root)):
        document = load_environment(name, root)
    tiers: Mapping[str, Tier] = {**(document.tiers if document else {}), **configuration.tiers}
    return Settings(
        tiers={key: TierObjectives.from_tier(key, tier) for key, tier in tiers.items()},
        resources=tuple(ResourceRule(mapped.match, mapped.tags()) for mapped in configuration.resources),
        elsewhere={Disruption(key): where for key, where in configuration.elsewhere.items()},
        evidence=read_evidence(root / configuration.evidence) if configuration.evidence else (),
        cloud=configuration.cloud or (document.cloud.value if document else ""),
        account=configuration.account or (document.accounts.workload if document else ""),
    )
