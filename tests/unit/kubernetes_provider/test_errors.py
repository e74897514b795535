import base64

import pytest

from sandbox.kubernetes_provider.errors import ConflictError, RefusedError, UnreachableError, refused
from tests.unit.kubernetes_provider.api_stub import config_map, refusal

PASSWORD = 'pass"word'


def test_a_conflict_names_each_manager_and_its_fields():
    said = {
        ".spec.replicas": 'conflict with "stanchion-deploy"',
        ".spec.paused": 'conflict with "stanchion-deploy"',
        ".data.a": 'conflict with "kubectl" using v1',
    }
    error = refused(refusal(409, "Conflict", "3 conflicts", **said), config_map(), ())
    assert isinstance(error, ConflictError)
    assert error.managers == {
        ".spec.replicas": "stanchion-deploy",
        ".spec.paused": "stanchion-deploy",
        ".data.a": "kubectl",
    }
    assert str(error).startswith(
        "ConfigMap default/settings: spec.replicas, spec.paused belong to the field manager 'stanchion-deploy'; "
        "data.a belongs to the field manager 'kubectl'. Leave them out of the program, "
        "name them in ignoreChanges, or take them over with the annotation"
    )


def test_a_refusal_names_fields():
    error = refused(refusal(422, "Invalid", "all of it", spec__a="Required value"), config_map(), ())
    assert isinstance(error, RefusedError)
    assert (error.status, error.fields) == (422, {"spec.a": "Required value"})
    assert str(error) == "ConfigMap default/settings: the API server refuses it: spec.a: Required value"
    assert "refuses it: no" in str(refused(refusal(500, "", "no"), config_map(), ()))


def test_nobody_answers():
    assert isinstance(refused(refusal(0, "Unreachable", "nobody"), config_map(), ()), UnreachableError)


@pytest.mark.parametrize("said", [PASSWORD, 'pass\\"word', base64.b64encode(PASSWORD.encode()).decode()])
def test_no_error_says_a_secret(said: str):
    document = config_map(a=PASSWORD)
    error = refused(refusal(422, "Invalid", "", data=f'Invalid value: "{said}": too long'), document, [("data", "a")])
    assert said not in str(error)
    assert "[secret]" in str(error)


def test_no_error_says_any_value_of_a_secret():
    document = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": {"x": "12"}}
    error = refused(refusal(422, "Invalid", "", data='Invalid value: "derived: from it": illegal'), document, ())
    assert str(error).endswith("data: Invalid value: [secret]: illegal")
