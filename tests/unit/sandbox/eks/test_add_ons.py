from typing import Any

import pytest

from sandbox.eks.errors import EksError
from tests.unit.sandbox.eks.service import Eks, with_cluster

PATH, ASSOCIATIONS = "/clusters/main/addons", "/clusters/main/pod-identity-associations"
IDENTITY = {"serviceAccount": "cloudwatch-agent", "roleArn": "arn:aws:iam::000000000000:role/agent"}
NAME = "amazon-cloudwatch-observability"


def with_add_on(**more: Any) -> Eks:
    eks = with_cluster()
    eks.ask("POST", PATH, {"addonName": NAME, "addonVersion": "v1", "podIdentityAssociations": [IDENTITY], **more})
    return eks


def associations(eks: Eks) -> list[dict[str, Any]]:
    return eks.ask("GET", ASSOCIATIONS)["associations"]


def test_an_add_on_has_associations_of_its_own_in_its_namespace():
    eks = with_add_on()
    addon = eks.ask("GET", f"{PATH}/{NAME}")["addon"]
    (found,) = associations(eks)
    assert addon["podIdentityAssociations"] == [found["associationArn"]]
    assert (found["namespace"], found["ownerArn"]) == ("amazon-cloudwatch", addon["addonArn"])


def test_an_update_without_identities_leaves_them_and_one_with_others_replaces_them():
    eks = with_add_on()
    before = associations(eks)
    eks.ask("POST", f"{PATH}/{NAME}/update", {"addonVersion": "v2", "configurationValues": "{}"})
    assert associations(eks) == before
    assert eks.ask("GET", f"{PATH}/{NAME}")["addon"]["addonVersion"] == "v2"
    eks.ask("POST", f"{PATH}/{NAME}/update", {"podIdentityAssociations": []})
    assert associations(eks) == []


def test_an_add_on_that_goes_takes_its_associations_along():
    eks = with_add_on()
    eks.ask("DELETE", f"{PATH}/{NAME}")
    assert associations(eks) == []
    assert eks.ask("GET", PATH)["addons"] == []
    with pytest.raises(EksError, match=f"No addon: {NAME}"):
        eks.ask("GET", f"{PATH}/{NAME}")


def test_an_add_on_is_there_once():
    with pytest.raises(EksError, match="already exists"):
        with_add_on().ask("POST", PATH, {"addonName": NAME})
