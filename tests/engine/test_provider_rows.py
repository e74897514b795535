"""Every row of the provider against a running local cloud: check, create, read, no change, update, replace, delete."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from sandbox.provider.row import Ref, Row
from sandbox.provider.rows import all_rows
from sandbox.provider.schema import schema_of
from sandbox.provider.state_only import STATE_ONLY
from tests.engine.batch_service import running_batch
from tests.engine.clock_service import running_clock
from tests.engine.eks_service import running_eks
from tests.engine.provider_cloud import ProviderClient, environment, provider_client, running_cloud

DEFAULT_TAGS = {"stanchion:layer": "table"}


@pytest.fixture(scope="module")
def provider_cloud() -> Iterator[dict[str, str]]:
    with running_cloud() as url, running_eks(url) as eks, running_batch(url) as batch, running_clock(url, 1) as clock:
        yield {
            **environment(url),
            "AWS_ENDPOINT_URL_EKS": eks,
            "AWS_ENDPOINT_URL_BATCH": batch,
            "AWS_ENDPOINT_URL_SCHEDULER": clock,
        }


@pytest.fixture(scope="module")
def client(provider_cloud: dict[str, str]) -> Iterator[ProviderClient]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in provider_cloud.items():
            patch.setenv(name, value)
        with provider_client({"region": "us-east-1", "defaultTags": {"tags": DEFAULT_TAGS}}) as found:
            yield found


class Made:
    """A resource with all that the protocol wants to know about it."""

    def __init__(self, client: ProviderClient, token: str, name: str, wanted: Mapping[str, Any]) -> None:
        self.client, self.token, self.name = client, token, name
        self.inputs = client.inputs(token, name, dict(wanted))
        self.id, self.state = client.create(token, name, self.inputs)

    def read(self) -> str:
        identity, state, inputs = self.client.read(self.token, self.name, self.id, self.inputs, self.state)
        if identity:
            self.state, self.inputs = state, inputs
        return identity

    def checked(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        return self.client.inputs(self.token, self.name, dict(wanted), self.inputs)

    def diff(self, new: dict[str, Any]) -> Any:
        return self.client.diff(self.token, self.name, self.id, self.inputs, self.state, new)

    def update(self, new: dict[str, Any]) -> None:
        self.state = self.client.update(self.token, self.name, self.id, self.inputs, self.state, new)
        self.inputs = new

    def delete(self) -> None:
        self.client.delete(self.token, self.name, self.id, self.inputs, self.state)


def resolved(value: Any, needs: Mapping[str, Made]) -> Any:
    if isinstance(value, Ref):
        need = needs[value.need]
        return need.id if value.property == "id" else need.state[value.property]
    if isinstance(value, Mapping):
        return {name: resolved(item, needs) for name, item in value.items()}
    if isinstance(value, list):
        return [resolved(item, needs) for item in value]
    if isinstance(value, str) and "${" in value:
        for name, need in needs.items():
            value = value.replace(f"${{{name}.arn}}", str(need.state.get("arn", "")))
            value = value.replace(f"${{{name}.id}}", need.id)
        return value
    return value


def changed(wanted: Mapping[str, Any], by: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**wanted, **by}.items() if value is not None}


@pytest.mark.engine
@pytest.mark.parametrize(
    "row", [pytest.param(row, id=token.split(":")[1]) for token, row in all_rows().items() if token not in STATE_ONLY]
)
def test_row_round_trips(row: Row, client: ProviderClient) -> None:
    needs: dict[str, Made] = {}
    for name, need in row.example.needs.items():
        needs[name] = Made(
            client, need.token, f"{row.type.split(':')[-1].lower()}-{name}", resolved(need.inputs, needs)
        )
    name = f"table-{row.type.split(':')[-1].lower()}"
    wanted = resolved(row.example.inputs, needs)
    made = Made(client, row.type, name, wanted)

    assert made.id
    missing = schema_of(row.type).inputs.keys() & made.inputs.keys() - made.state.keys()
    assert not missing, f"inputs that the state has lost: {sorted(missing)}"
    assert_unchanged(made, wanted)

    if row.example.update is not None:
        wanted = changed(wanted, resolved(row.example.update, needs))
        new = made.checked(wanted)
        answer = made.diff(new)
        assert answer.changes == answer.DIFF_SOME
        assert not answer.replaces, "the update must not replace"
        made.update(new)
        assert_unchanged(made, wanted)

    if row.example.replace is not None:
        new = made.checked(changed(wanted, resolved(row.example.replace, needs)))
        assert made.diff(new).replaces, "the replacing change must replace"

    if row.tags is not None:
        assert made.state["tagsAll"].items() >= DEFAULT_TAGS.items()

    assert_imports(made)
    made.delete()
    assert row.example.lasting or made.read() == "", "a deleted resource must read as gone"
    made.delete()
    for need in reversed(needs.values()):
        need.delete()


def assert_unchanged(made: Made, wanted: Mapping[str, Any]) -> None:
    before = made.state
    assert made.read() == made.id
    assert made.state == before, "a read right after must see the same state"
    answer = made.diff(made.checked(wanted))
    assert answer.changes == answer.DIFF_NONE, f"changes though nothing changed: {dict(answer.detailedDiff)}"


def assert_imports(made: Made) -> None:
    region = f"@{made.inputs['region']}" if "region" in made.inputs else ""
    identity, state, inputs = made.client.read(made.token, made.name, f"{made.id}{region}", {}, {})
    assert identity == made.id
    assert state.get("arn") == made.state.get("arn")
    required = {name for name, field in schema_of(made.token).inputs.items() if field.required}
    assert required <= inputs.keys()
