from typing import Any

import pytest

from stanchion.graph import UNKNOWN, GraphBuilder
from stanchion.recovery.mechanisms.ecr import MECHANISM, REPLICATION, REPOSITORY
from stanchion.recovery.term import Grade
from tests.unit.recovery.mechanisms.reading import APPLICATION, INFRASTRUCTURE, REGION, ZONE, Found

WEST = {"region": "us-west-2", "registryId": "111122223333"}


def found(destinations: Any = None, filters: Any = None, **inputs: Any) -> Found:
    build = GraphBuilder(region="us-east-1")
    build.add(REPOSITORY, "models", {"name": "prod/models", **inputs})
    if destinations is not None:
        rule = {"destinations": destinations, "repositoryFilters": filters or []}
        build.add(REPLICATION, "all", {"replicationConfiguration": {"rules": [rule]}})
    return Found(MECHANISM, build.graph())


def test_images_lie_in_several_zones_and_in_one_region():
    assert found().loss("models", INFRASTRUCTURE) == found().loss("models", ZONE) == 0
    assert found().loss("models", REGION) is None


@pytest.mark.parametrize(
    ("inputs", "loss"),
    [
        ({}, None),
        ({"imageTagMutability": "MUTABLE"}, None),
        ({"imageTagMutability": "IMMUTABLE"}, 0),
        ({"imageTagMutability": "IMMUTABLE_WITH_EXCLUSION", "imageTagMutabilityExclusionFilters": []}, 0),
    ],
)
def test_a_bad_image_takes_the_place_of_the_good_one_unless_tags_are_fixed(inputs: dict[str, Any], loss: float | None):
    assert found(**inputs).loss("models", APPLICATION) == loss


def test_tags_of_which_some_can_be_moved_are_not_known_to_be_fixed():
    excluded = {
        "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": [{"filter": "x"}],
    }
    assert found(**excluded).missing("models", APPLICATION) == "imageTagMutability"
    assert found(imageTagMutability=UNKNOWN).missing("models", APPLICATION) == "imageTagMutability"


def test_most_images_are_there_within_half_an_hour():
    result = found([WEST])
    assert result.loss("models", REGION) == 1800
    assert result.of("models", REGION)[0].loss[0].grade is Grade.TYPICAL


def test_replication_into_the_same_region_is_none():
    assert found([{**WEST, "region": "us-east-1"}]).loss("models", REGION) is None


@pytest.mark.parametrize(("prefix", "loss"), [("prod/", 1800), ("", 1800), ("test/", None)])
def test_filters_take_repositories_by_prefix(prefix: str, loss: float | None):
    assert found([WEST], [{"filter": prefix, "filterType": "PREFIX_MATCH"}]).loss("models", REGION) == loss


def test_one_of_several_filters_is_enough():
    filters = [{"filter": prefix, "filterType": "PREFIX_MATCH"} for prefix in ("test/", "prod/")]
    assert found([WEST], filters).loss("models", REGION) == 1800


@pytest.mark.parametrize(
    ("destinations", "filters", "path"),
    [
        ([{**WEST, "region": UNKNOWN}], None, "destinations[0].region"),
        ([WEST], [{"filter": UNKNOWN, "filterType": "PREFIX_MATCH"}], "repositoryFilters[0].filter"),
        ([WEST], [{"filter": "prod/", "filterType": "SUFFIX_MATCH"}], "repositoryFilters[0].filterType"),
    ],
)
def test_what_is_not_known_is_named(destinations: Any, filters: Any, path: str):
    assert found(destinations, filters).missing("models", REGION).endswith(path)


def test_a_configuration_of_another_region_says_nothing_here():
    build = GraphBuilder(region="us-east-1")
    build.add(REPOSITORY, "models", {"name": "models"})
    rules = {"rules": [{"destinations": [WEST]}]}
    build.add(REPLICATION, "far", {"replicationConfiguration": rules}, region="eu-west-1")
    assert Found(MECHANISM, build.graph()).loss("models", REGION) is None
