"""The next step, from each state that AppConfig can be in."""

from dataclasses import replace

import pytest

from stanchion.routing.compose import compose
from stanchion.routing.document import RoutingDocument
from stanchion.routing.publishing import (
    KEPT_VERSIONS,
    Create,
    Deployment,
    Done,
    Seen,
    Start,
    Stop,
    Version,
    Wait,
    epoch_of_next,
    next_step,
    superfluous,
)
from tests.unit.routing.given import ENDPOINTS, NOW, intent


def document(epoch: int, rung: str = "full") -> RoutingDocument:
    intents = [intent(rung=rung)]
    return compose(intents, NOW, environment="prod", region="us-east-1", endpoints=ENDPOINTS, epoch=epoch)


def seen(version: int, deployed: int, state: str, *, rung: str = "full", deployed_rung: str = "full") -> Seen:
    """The newest version, and a deployment of one; epochs are the versions' numbers."""
    return Seen(
        Version(version, document(version, rung)),
        Deployment(4, state, deployed, document(deployed, deployed_rung)),
    )


def test_the_first_document_is_created_then_deployed():
    wanted = document(epoch_of_next(Seen(), NOW))
    assert next_step(Seen(), wanted) == Create(wanted, None)
    assert next_step(Seen(Version(1, wanted)), document(wanted.epoch + 1)) == Start(1, None)


@pytest.mark.parametrize("state", ["COMPLETE", "DEPLOYING", "BAKING", "VALIDATING"])
def test_nothing_is_done_when_the_newest_deployment_is_what_is_wanted(state: str):
    assert next_step(seen(3, 3, state), document(4)) == Done()


@pytest.mark.parametrize("state", ["COMPLETE", "DEPLOYING", "BAKING", "VALIDATING", "ROLLING_BACK", "ROLLED_BACK"])
def test_the_version_is_created_before_anything_else_changes(state: str):
    wanted = document(4, "cached")
    assert next_step(seen(3, 3, state), wanted) == Create(wanted, 3)


@pytest.mark.parametrize(
    ("state", "step"),
    [
        ("DEPLOYING", Stop(4, False)),
        ("VALIDATING", Stop(4, False)),
        ("BAKING", Stop(4, True)),
        ("ROLLING_BACK", Wait(4)),
        ("ROLLED_BACK", Start(3, 4)),
        ("REVERTED", Start(3, 4)),
        ("COMPLETE", Start(3, 4)),
    ],
)
def test_what_is_under_way_is_superseded_by_a_version_that_is_there(state: str, step: object):
    """Also the run after one that died when it had created the version."""
    assert next_step(seen(3, 2, state, rung="cached"), document(4, "cached")) == step


@pytest.mark.parametrize("state", ["ROLLED_BACK", "REVERTED"])
def test_what_was_before_a_stopped_deployment_is_published_anew(state: str):
    """Gateways may have got the stopped one, and do not go back to a lower epoch."""
    stopped = seen(3, 3, state, rung="cached", deployed_rung="cached")
    wanted = document(epoch_of_next(stopped, NOW))
    assert wanted.epoch == 4
    assert next_step(stopped, wanted) == Create(wanted, 3)


def test_a_stopped_deployment_that_is_wanted_after_all_is_started_again():
    assert next_step(seen(3, 3, "ROLLED_BACK"), document(4)) == Start(3, 4)


def test_a_version_that_is_behind_what_is_deployed_is_not_used():
    behind = seen(3, 5, "COMPLETE", rung="cached")
    wanted = document(epoch_of_next(behind, NOW), "cached")
    assert wanted.epoch == 6
    assert next_step(behind, wanted) == Create(wanted, 3)


def test_what_is_no_document_is_replaced():
    garbage = Seen(Version(9, None), Deployment(4, "COMPLETE", None, None))
    wanted = document(epoch_of_next(garbage, NOW))
    assert next_step(garbage, wanted) == Create(wanted, 9)
    assert garbage.last is None


def test_epochs_go_on_from_the_highest_and_begin_at_the_clock():
    assert epoch_of_next(Seen(), NOW) == int(NOW.timestamp())
    assert epoch_of_next(Seen(Version(2, None)), NOW) == int(NOW.timestamp())
    assert epoch_of_next(seen(7, 3, "COMPLETE"), NOW) == 8
    assert epoch_of_next(seen(3, 7, "COMPLETE"), NOW) == 8


def test_the_newest_versions_and_the_deployed_one_stay():
    numbers = tuple(range(1, KEPT_VERSIONS + 4))
    assert superfluous(replace(seen(23, 2, "COMPLETE"), numbers=numbers)) == (1, 3)
    assert superfluous(replace(seen(20, 2, "COMPLETE"), numbers=numbers[:KEPT_VERSIONS])) == ()
    assert superfluous(Seen()) == ()
