"""Producer and consumer stacks on the real engine: what a consumer is told, and one pull request for both."""

import json
import sys
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from tests.engine.project import CHECKOUT, Answer

PROGRAM = """
import os, sys
sys.path.insert(0, {checkout!r})
from typing import ClassVar
import pulumi
from stacks import needs
from stanchion.contracts import Contract, ContractError, Published
from stanchion.layers import Place, Stack

class Inner(Published):
    arn: str

class Shared(Contract):
    layer: ClassVar[str] = "shared"
    contract_version: ClassVar[str] = "1.0.0"
    inner: Inner
    zones: list[str]

class Spec:
    name = "e"

producer = Stack("producer", "e", ("shared",), None)
consumer = Stack("consumer", "e", ("reader",), None)
if pulumi.get_stack() == "producer":
    made = needs.unknown_output() if pulumi.runtime.is_dry_run() else pulumi.Output.from_input("arn:made")
    document = {{"version": "1.0.0", "inner": {{"arn": made}}, "zones": ["a", "b"]}}
    exec(os.environ.get("DAMAGE", ""))
    pulumi.export("shared", document)
else:
    try:
        outputs = needs.Needs(consumer, (producer, consumer), Spec).of(Shared, None)
    except ContractError as error:
        raise pulumi.RunError(str(error))
    pulumi.export("arn", outputs.output(lambda s: s.inner.arn))
    pulumi.export("zone", outputs.output(lambda s: s.zones[1]))
"""


class Pair:
    """A producer and a consumer in one project with a backend of its own."""

    def __init__(self, folder: Path, engine: dict[str, str]) -> None:
        from tests.engine.project import run_command

        self._run = run_command
        self.folder = folder
        (folder / "state").mkdir()
        self.variables = {**engine, "PULUMI_BACKEND_URL": f"file://{folder}/state"}
        settings = {
            "name": "pair",
            "runtime": {"name": "python", "options": {"virtualenv": str(Path(sys.executable).parent.parent)}},
        }
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        (folder / "__main__.py").write_text(dedent(PROGRAM).format(checkout=str(CHECKOUT)), encoding="utf-8")
        for stack in ("producer", "consumer"):
            self.pulumi("stack", "init", stack).ok()

    def pulumi(self, *arguments: str, **variables: str) -> Answer:
        return self._run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            self.folder,
            {**self.variables, **variables},
        )


@pytest.fixture
def pair(tmp_path: Path, engine: dict[str, str]) -> Pair:
    return Pair(tmp_path, engine)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("del document['inner']", "field 'inner' is missing"),
        ("document['inner'] = {}", "field 'inner.arn' is missing"),
        ("document['zones'] = 'a,b'", "field 'zones' is retyped"),
        ("document['version'] = '2.0.0'", "publishes version 2.0.0"),
    ],
)
def test_a_field_that_is_missing_or_retyped_is_a_sentence(pair: Pair, damage: str, said: str):
    pair.pulumi("up", "--yes", "--skip-preview", "--stack", "producer", DAMAGE=damage).ok()
    answer = pair.pulumi("preview", "--stack", "consumer")
    assert answer.code != 0
    assert said in answer.out
    for name in ("'consumer'", "'producer'", "1.0.0"):
        assert name in answer.out


def test_a_reference_to_a_healthy_producer_gives_its_values(pair: Pair):
    pair.pulumi("up", "--yes", "--skip-preview", "--stack", "producer").ok()
    pair.pulumi("up", "--yes", "--skip-preview", "--stack", "consumer").ok()
    outputs = json.loads(pair.pulumi("stack", "output", "--json", "--stack", "consumer").ok().out)
    assert outputs == {"arn": "arn:made", "zone": "b"}


def test_a_producer_that_is_not_deployed_yet_is_named(pair: Pair):
    answer = pair.pulumi("preview", "--stack", "consumer")
    assert answer.code != 0
    assert "producer" in answer.out


def test_a_consumer_previews_against_what_its_producer_plans(pair: Pair, tmp_path: Path):
    planned = tmp_path / "planned"
    planned.mkdir()
    unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    document = {"shared": {"version": "1.0.0", "inner": {"arn": unknown}, "zones": ["a", "b"]}}
    (planned / "producer.json").write_text(json.dumps(document), encoding="utf-8")
    answer = pair.pulumi("preview", "--stack", "consumer", STANCHION_PLANNED_OUTPUTS=str(planned)).ok()
    assert '"b"' in answer.out
    del document["shared"]["zones"]
    (planned / "producer.json").write_text(json.dumps(document), encoding="utf-8")
    answer = pair.pulumi("preview", "--stack", "consumer", STANCHION_PLANNED_OUTPUTS=str(planned))
    assert answer.code != 0
    assert "field 'zones' is missing" in answer.out
