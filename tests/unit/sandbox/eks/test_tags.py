from typing import Any

import pytest

from sandbox.eks.errors import EksError
from tests.unit.sandbox.eks.service import with_cluster

REQUESTS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "node group": (
        "node-groups",
        {"nodegroupName": "burst", "nodeRole": "arn:aws:iam::000000000000:role/n", "subnets": ["subnet-a"]},
        *("nodegroup", "nodegroupArn"),
    ),
    "add-on": ("addons", {"addonName": "coredns"}, "addon", "addonArn"),
    "entry": (
        "access-entries",
        {"principalArn": "arn:aws:iam::000000000000:role/p"},
        *("accessEntry", "accessEntryArn"),
    ),
    "association": (
        "pod-identity-associations",
        {"namespace": "n", "serviceAccount": "s", "roleArn": "arn:aws:iam::000000000000:role/r"},
        *("association", "associationArn"),
    ),
}


@pytest.mark.parametrize("what", REQUESTS)
def test_everything_is_tagged_by_its_arn(what: str):
    eks = with_cluster()
    path, body, member, arn = REQUESTS[what]
    made = eks.ask("POST", f"/clusters/main/{path}", {**body, "tags": {"team": "a"}})[member]
    tags = eks.tag_path(made[arn])
    eks.ask("POST", tags, {"tags": {"tier": "critical"}})
    assert eks.ask("GET", tags)["tags"] == {"team": "a", "tier": "critical"}
    eks.ask("DELETE", tags, tagKeys="team")
    assert eks.ask("GET", tags)["tags"] == {"tier": "critical"}


def test_tags_of_a_cluster_are_in_its_description():
    eks = with_cluster()
    eks.ask("POST", eks.tag_path("arn:aws:eks:us-east-1:000000000000:cluster/main"), {"tags": {"team": "a"}})
    assert eks.ask("GET", "/clusters/main")["cluster"]["tags"] == {"team": "a"}


def test_an_arn_that_nothing_has_is_refused():
    with pytest.raises(EksError, match="No resource found for ARN: arn:x"):
        with_cluster().ask("GET", "/tags/arn%3Ax")
