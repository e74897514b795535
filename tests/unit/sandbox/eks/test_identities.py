import pytest

from sandbox.eks.errors import EksError
from tests.unit.sandbox.eks.service import with_cluster

PATH = "/clusters/main/pod-identity-associations"
ASKED = {"namespace": "endpoints", "serviceAccount": "support", "roleArn": "arn:aws:iam::000000000000:role/support"}


def test_a_service_account_has_one_association():
    eks = with_cluster()
    made = eks.ask("POST", PATH, ASKED)["association"]
    assert made["associationArn"].endswith(f"podidentityassociation/main/{made['associationId']}")
    with pytest.raises(EksError, match="already exists"):
        eks.ask("POST", PATH, ASKED)
    eks.ask("POST", PATH, {**ASKED, "namespace": "other"})
    assert len(eks.ask("GET", PATH, namespace="endpoints")["associations"]) == 1


def test_the_role_is_changed_and_the_pair_is_not():
    eks = with_cluster()
    path = f"{PATH}/{eks.ask('POST', PATH, ASKED)['association']['associationId']}"
    eks.ask("POST", path, {"roleArn": "arn:aws:iam::000000000000:role/other"})
    found = eks.ask("GET", path)["association"]
    assert (found["roleArn"], found["serviceAccount"]) == ("arn:aws:iam::000000000000:role/other", "support")
    eks.ask("DELETE", path)
    with pytest.raises(EksError, match="No pod identity association"):
        eks.ask("GET", path)


def test_a_target_role_comes_with_an_external_id():
    made = with_cluster().ask("POST", PATH, {**ASKED, "targetRoleArn": "arn:aws:iam::111111111111:role/there"})
    assert made["association"]["externalId"]
