"""The next step from what AppConfig holds to what is wanted. Who stops after any step leaves a state to go on from.

AppConfig takes one deployment at a time in an environment, and gateways that have seen an epoch never go back to a
lower one. So a document that was stopped half way counts as seen: what follows it has a higher epoch, even when it says
the same as the one before.
"""

from dataclasses import dataclass
from datetime import datetime

from stanchion.routing.compose import same_content
from stanchion.routing.document import RoutingDocument

COMPLETE = "COMPLETE"
ROLLING_BACK = "ROLLING_BACK"
UNDER_WAY = frozenset({"DEPLOYING", "BAKING", "VALIDATING"})
# AppConfig API reference, StopDeployment: what is not DEPLOYING any more stops only when a revert is allowed.
NEEDS_REVERT = frozenset({"BAKING"})
# Hosted versions that stay, for people who look what was in service.
KEPT_VERSIONS = 20


@dataclass(frozen=True, slots=True)
class Version:
    """A hosted version of the profile.

    Args:
        number: its number.
        document: None when it is not a routing document of this environment and region.
    """

    number: int
    document: RoutingDocument | None


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment of the profile.

    Args:
        number: its number in the environment.
        state: as AppConfig says it.
        version: number of what it deploys; None when that is not a hosted version.
        document: that it deploys; None when that can't be read.
    """

    number: int
    state: str
    version: int | None
    document: RoutingDocument | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What AppConfig holds.

    Args:
        version: the newest hosted version; None when there is none.
        deployment: the newest deployment; None when there is none.
        numbers: of all hosted versions.
    """

    version: Version | None = None
    deployment: Deployment | None = None
    numbers: tuple[int, ...] = ()

    @property
    def last(self) -> RoutingDocument | None:
        """What gateways have, or are about to get."""
        if self.deployment is not None and self.deployment.document is not None:
            return self.deployment.document
        return self.version.document if self.version is not None else None

    @property
    def epoch(self) -> int | None:
        """The highest epoch there is; None without a document."""
        documents = [each.document for each in (self.version, self.deployment) if each is not None]
        return max((document.epoch for document in documents if document is not None), default=None)


@dataclass(frozen=True, slots=True)
class Done:
    """What is wanted is in service, or on its way."""


@dataclass(frozen=True, slots=True)
class Create:
    """Create a hosted version.

    Args:
        document: its content.
        after: number of the newest version, which it must follow; None for the first.
    """

    document: RoutingDocument
    after: int | None


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop a deployment.

    Args:
        deployment: its number.
        revert: whether it may have to be reverted for that.
    """

    deployment: int
    revert: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be done until AppConfig has rolled a deployment back.

    Args:
        deployment: its number.
    """

    deployment: int


@dataclass(frozen=True, slots=True)
class Start:
    """Start a deployment.

    Args:
        version: what is deployed.
        after: number of the newest deployment, which it must follow; None for the first.
    """

    version: int
    after: int | None


Step = Done | Create | Stop | Wait | Start


def epoch_of_next(seen: Seen, now: datetime) -> int:
    """One above what was published last.

    The first document of a profile begins at the clock: one that is made anew goes on above what gateways still have
    on disk from the one before.

    Args:
        seen: what AppConfig holds.
        now: the time.
    """
    return int(now.timestamp()) if seen.epoch is None else seen.epoch + 1


def next_step(seen: Seen, wanted: RoutingDocument) -> Step:
    """What to do next.

    A version is created before anything is stopped, so that the time without the newest document in service is short.

    Args:
        seen: what AppConfig holds.
        wanted: composed, with the epoch of `epoch_of_next`.
    """
    version, deployment = seen.version, seen.deployment
    state = None if deployment is None else deployment.state
    if (
        deployment is not None
        and (state == COMPLETE or state in UNDER_WAY)
        and same_content(deployment.document, wanted)
    ):
        return Done()
    if version is None or version.document is None or not same_content(version.document, wanted) or _behind(seen):
        return Create(wanted, None if version is None else version.number)
    if deployment is not None and state in UNDER_WAY:
        return Stop(deployment.number, state in NEEDS_REVERT)
    if deployment is not None and state == ROLLING_BACK:
        return Wait(deployment.number)
    return Start(version.number, None if deployment is None else deployment.number)


def superfluous(seen: Seen) -> tuple[int, ...]:
    """Numbers of the versions that can go: all but the newest ones and the deployed one.

    Args:
        seen: what AppConfig holds.
    """
    deployed = None if seen.deployment is None else seen.deployment.version
    return tuple(number for number in sorted(seen.numbers)[:-KEPT_VERSIONS] if number != deployed)


def _behind(seen: Seen) -> bool:
    """Whether the newest version has a lower epoch than gateways may have seen."""
    version = seen.version.document if seen.version else None
    deployed = seen.deployment.document if seen.deployment else None
    return version is not None and deployed is not None and version.epoch < deployed.epoch
