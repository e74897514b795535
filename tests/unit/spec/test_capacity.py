"""Clusters: safe by default, with somebody to administer them and a home for their own pods."""

import pytest

from stanchion.spec import KUBERNETES_VERSIONS, Engine, load_text, role_arn
from tests.unit.spec.documents import GOOD as FOUNDATION
from tests.unit.spec.serving_document import GOOD, changed, refused

ADMINISTRATORS = "administrators: [deploy]"
FLOOR = "floor_per_zone: 1\n      burst_cpu: 64"


def test_what_is_not_said_is_safe():
    capacity = load_text(GOOD).capacity
    assert capacity is not None
    assert capacity.engine is Engine.AUTO_MODE
    assert capacity.kubernetes_version == "1.34"
    assert capacity.allowed_cidrs == []
    assert capacity.viewers == []
    assert capacity.log_retention.days == 90


def test_an_environment_without_clusters_is_one():
    spec = load_text(FOUNDATION)
    assert (spec.capacity, spec.models, spec.endpoints, spec.entry) == (None, {}, {}, None)


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        (
            ADMINISTRATORS,
            f'{ADMINISTRATORS}\n  kubernetes_version: "1.32"',
            "capacity.kubernetes_version",
            ("'1.32' is not a version", "1.33, 1.34, 1.35", 'write "1.35"'),
        ),
        (
            ADMINISTRATORS,
            f"{ADMINISTRATORS}\n  kubernetes_version: 1.34",
            "capacity.kubernetes_version",
            ("1.34 without quotes is a number", 'write "1.34"'),
        ),
        (
            ADMINISTRATORS,
            f"{ADMINISTRATORS}\n  engine: fargate",
            "capacity.engine",
            ("'fargate'", "auto_mode, node_groups"),
        ),
        (ADMINISTRATORS, "administrators: []", "capacity.administrators", ("it names no role", "write [deploy]")),
        (ADMINISTRATORS, "administrators: [a, a]", "capacity.administrators", ("role 'a' is listed twice",)),
        (
            ADMINISTRATORS,
            'administrators: ["arn:aws:iam::111122223333:user/me"]',
            "capacity.administrators[0]",
            ("not of the form", "the name of an IAM role"),
        ),
        (
            ADMINISTRATORS,
            f"{ADMINISTRATORS}\n  allowed_cidrs: [0.0.0.0/0]",
            "capacity.allowed_cidrs",
            ("'0.0.0.0/0' is the whole internet", "the ranges of people and pipelines"),
        ),
        (
            ADMINISTRATORS,
            f"{ADMINISTRATORS}\n  log_retention: 100d",
            "capacity.log_retention",
            ("'100d' is not a retention",),
        ),
        (
            FLOOR,
            FLOOR.replace("1", "0"),
            "capacity.pools",
            ("none has a floor and no accelerator", "add general: {families:"),
        ),
    ],
)
def test_bad_capacity(old: str, new: str, key: str, words: tuple[str, ...]):
    refused(changed((old, new)), key, *words)


def node_groups(*replacements: tuple[str, str]) -> str:
    """The good document with node groups, whose pools have a size each and no burst."""
    return changed(
        (ADMINISTRATORS, f"{ADMINISTRATORS}\n  engine: node_groups"),
        ("burst_cpu: 128", "burst_cpu: 0"),
        ("sizes: [2xlarge, 4xlarge, 8xlarge, 12xlarge, 16xlarge]", "sizes: [8xlarge]"),
        ("capacity: {floor: 2, max: 20, spot: true}", "capacity: {floor: 2, max: 20}"),
        *replacements,
    )


def test_node_groups_count_nodes_so_a_burst_of_theirs_has_one_size():
    refused(node_groups(), "capacity.pools.general.sizes", "a node group counts nodes", "write sizes: [xlarge]")
    of_one = (
        ("sizes: [xlarge, 2xlarge, 4xlarge]", "sizes: [xlarge]"),
        (
            "families: [m7i, m7a, m6i, m6a, c7i]",
            "families: [m7i, m7a, m6i, m6a, m5, m5a, m5n, c7i, c7a, c6i, c6a, c5, r7i, r7a, r6i]",
        ),
    )
    assert load_text(node_groups(*of_one)).capacity is not None
    for setting in ("overflow_cpu: 64", "reserved_per_zone: 0"):
        text = node_groups(*of_one, (FLOOR, f"{FLOOR}\n      {setting}"))
        key, value = setting.split(": ")
        refused(text, f"capacity.pools.general.{key}", f"'{value}' does nothing with engine: node_groups")


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
def test_each_version_is_taken_that_is_held(version: str):
    text = changed((ADMINISTRATORS, f'{ADMINISTRATORS}\n  kubernetes_version: "{version}"'))
    capacity = load_text(text).capacity
    assert capacity is not None
    assert capacity.kubernetes_version == version


def test_a_role_is_of_the_workload_account_unless_it_says_otherwise():
    assert role_arn("deploy", "111122223333") == "arn:aws:iam::111122223333:role/deploy"
    assert role_arn("deploy", "111122223333", "aws-cn") == "arn:aws-cn:iam::111122223333:role/deploy"
    other = "arn:aws:iam::444455556666:role/ci/deploy"
    assert role_arn(other, "111122223333") == other
