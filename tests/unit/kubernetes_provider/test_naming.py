import re

import pytest

from sandbox.kubernetes_provider import naming
from sandbox.kubernetes_provider.naming import UnnamedError
from sandbox.kubernetes_provider.objects import AUTONAMED
from sandbox.provider.values import UNKNOWN


def named(document: dict, **more) -> dict:
    naming.name(document, "web", b"seed", **more)
    return document


def test_a_name_that_the_program_leaves_open():
    metadata = named({"metadata": {}})["metadata"]
    assert re.fullmatch(r"web-[0-9a-f]{8}", metadata["name"])
    assert metadata["annotations"] == {AUTONAMED: "true"}
    assert named({"metadata": {}})["metadata"]["name"] == metadata["name"], "the same seed, the same name"
    drawn = {"metadata": {}}
    naming.name(drawn, "web", b"")
    assert drawn["metadata"]["name"] != metadata["name"]


@pytest.mark.parametrize("metadata", [{"name": "mine"}, {"name": UNKNOWN}])
def test_a_name_that_the_program_gives(metadata: dict):
    assert named({"metadata": dict(metadata)}) == {"metadata": metadata}


def test_the_engine_s_choice():
    assert named({"metadata": {}}, proposed="theirs")["metadata"]["name"] == "theirs"
    with pytest.raises(UnnamedError, match="turns automatic names off"):
        named({"metadata": {}}, automatic=False)


def test_a_name_is_kept_for_life():
    old = named({"metadata": {}})
    new: dict = {"metadata": {"labels": {"a": "b"}}}
    naming.keep_name(new, old)
    assert new["metadata"]["name"] == old["metadata"]["name"]
    assert naming.is_automatic(new)
    fixed: dict = {"metadata": {}}
    naming.keep_name(fixed, {"metadata": {"name": "was-fixed"}})
    assert not naming.is_named(fixed), "what was named by the program is not taken over"


def test_each_resource_has_a_manager_of_its_own():
    one = naming.manager_of("urn:a", {})
    assert re.fullmatch(r"pulumi-kubernetes-[0-9a-f]{8}", one)
    assert one == naming.manager_of("urn:a", {})
    assert one != naming.manager_of("urn:b", {})
    assert naming.manager_of("urn:b", {}, {"__fieldManager": one}) == one, "the state's, also under another URN"
    chosen = {"metadata": {"annotations": {"pulumi.com/patchFieldManager": "mine"}}}
    assert naming.manager_of("urn:a", chosen, {"__fieldManager": one}) == "mine"
