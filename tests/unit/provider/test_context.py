import pytest

from sandbox.provider import rows
from sandbox.provider.context import CallError, Context, GoneError, at
from sandbox.provider.row import Call, Literal
from tests.unit.provider.cloud_stub import StubCloud, refused

ROLE = rows.rows_of("iam")["aws:iam/role:Role"]


def role(cloud: StubCloud, **inputs: object) -> Context:
    return Context(cloud, ROLE, {"name": "r", **inputs}, {"arn": "a"}, "the-id")


def test_a_property_is_the_programs_then_the_states() -> None:
    context = role(StubCloud(), name="wanted")
    assert (context["name"], context["arn"], context["$id"], context["nothing"]) == ("wanted", "a", "the-id", None)


def test_a_request_takes_properties_literals_functions_and_what_fits_by_name() -> None:
    cloud = StubCloud()
    role(cloud, description="d").run(
        Call(
            "update_role",
            {"RoleName": "$id", "MaxSessionDuration": Literal(3600)},
            only=("description",),
        )
    )
    assert cloud.calls[0][2] == {"RoleName": "the-id", "MaxSessionDuration": 3600, "Description": "d"}
    role(cloud).run(Call("get_role", {"RoleName": lambda context: context.id.upper()}, fill=False))
    assert cloud.calls[1][2] == {"RoleName": "THE-ID"}


def test_a_property_that_was_taken_away_is_sent_as_the_row_says() -> None:
    cloud = StubCloud()
    context = role(cloud)
    context.changed = frozenset({"description"})
    context.run(Call("update_role", {"RoleName": "$id"}, only=("description",)))
    assert cloud.calls[0][2]["Description"] == ""


def test_errors_are_told_apart() -> None:
    with pytest.raises(GoneError):
        role(StubCloud({"get_role": refused("NoSuchEntity")})).call("get_role", RoleName="r")
    with pytest.raises(CallError) as caught:
        role(StubCloud({"get_role": refused("Throttling")})).call("get_role", RoleName="r")
    assert caught.value.code == "Throttling"


def test_what_is_not_given_is_not_sent() -> None:
    cloud = StubCloud()
    role(cloud).call("get_role", RoleName="r", Other=None)
    assert cloud.calls[0][2] == {"RoleName": "r"}


def test_paths_into_answers() -> None:
    answer = {"Vpcs": [{"VpcId": "v"}]}
    assert at(answer, "Vpcs.0.VpcId") == "v"
    assert at(answer, "Vpcs.1") is None
    assert at(answer, "Nothing.0") is None
    assert at(answer, "") == answer
