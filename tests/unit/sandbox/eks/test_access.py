from urllib.parse import quote

import pytest

from sandbox.eks.errors import EksError
from tests.unit.sandbox.eks.service import Eks, with_cluster

ENTRIES = "/clusters/main/access-entries"
DEPLOY = "arn:aws:iam::000000000000:role/deploy"
EDIT = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"
PATH = f"{ENTRIES}/{quote(DEPLOY, safe='')}"


def test_an_entry_is_named_as_eks_names_it():
    eks = with_cluster()
    made = eks.ask("POST", ENTRIES, {"principalArn": DEPLOY})["accessEntry"]
    assert made["type"] == "STANDARD"
    assert made["username"] == "arn:aws:sts::000000000000:assumed-role/deploy/{{SessionName}}"
    node = eks.ask("POST", ENTRIES, {"principalArn": f"{DEPLOY}-node", "type": "EC2"})["accessEntry"]
    assert node["username"] == "system:node:{{EC2PrivateDNSName}}"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"principalArn": DEPLOY, "type": "MAINFRAME"}, "allowed: STANDARD"),
        ({"principalArn": DEPLOY}, "already in use"),
    ],
)
def test_what_eks_refuses(body: dict[str, str], said: str):
    eks = with_cluster()
    eks.ask("POST", ENTRIES, {"principalArn": DEPLOY})
    with pytest.raises(EksError, match=said):
        eks.ask("POST", ENTRIES, body)


def test_a_cluster_of_the_config_map_takes_no_entries():
    eks = Eks()
    eks.create_cluster()
    with pytest.raises(EksError, match="authentication mode"):
        eks.ask("POST", ENTRIES, {"principalArn": DEPLOY})


def test_policies_hang_on_their_entry():
    eks = with_cluster()
    eks.ask("POST", ENTRIES, {"principalArn": DEPLOY, "type": "EC2"})
    scope = {"type": "namespace", "namespaces": ["endpoints"]}
    eks.ask("POST", f"{PATH}/access-policies", {"policyArn": EDIT, "accessScope": scope})
    (policy,) = eks.ask("GET", f"{PATH}/access-policies")["associatedAccessPolicies"]
    assert (policy["policyArn"], policy["accessScope"]) == (EDIT, scope)
    assert eks.ask("GET", ENTRIES, associatedPolicyArn=EDIT)["accessEntries"] == [DEPLOY]
    eks.ask("DELETE", f"{PATH}/access-policies/{quote(EDIT, safe='')}")
    assert eks.ask("GET", f"{PATH}/access-policies")["associatedAccessPolicies"] == []
    with pytest.raises(EksError, match="No policy"):
        eks.ask("DELETE", f"{PATH}/access-policies/{quote(EDIT, safe='')}")
    with pytest.raises(EksError, match="at least one"):
        eks.ask("POST", f"{PATH}/access-policies", {"policyArn": EDIT, "accessScope": {"type": "namespace"}})


def test_policies_go_with_their_entry():
    eks = with_cluster()
    eks.ask("POST", ENTRIES, {"principalArn": DEPLOY})
    eks.ask("POST", f"{PATH}/access-policies", {"policyArn": EDIT, "accessScope": {"type": "cluster"}})
    eks.ask("DELETE", PATH)
    with pytest.raises(EksError, match="No access entry"):
        eks.ask("GET", PATH)
    eks.ask("POST", ENTRIES, {"principalArn": DEPLOY})
    assert eks.ask("GET", f"{PATH}/access-policies")["associatedAccessPolicies"] == []


def test_nodes_of_node_groups_take_no_policy():
    eks = with_cluster()
    eks.ask("POST", ENTRIES, {"principalArn": DEPLOY, "type": "EC2_LINUX"})
    with pytest.raises(EksError, match="takes no access policy"):
        eks.ask("POST", f"{PATH}/access-policies", {"policyArn": EDIT, "accessScope": {"type": "cluster"}})


def test_groups_are_changed():
    eks = with_cluster()
    eks.ask("POST", ENTRIES, {"principalArn": DEPLOY})
    eks.ask("POST", PATH, {"kubernetesGroups": ["viewers"]})
    assert eks.ask("GET", PATH)["accessEntry"]["kubernetesGroups"] == ["viewers"]
