"""Three programs through all four sources: the recorder, a preview, the engine's request to a pack, an export.

What is estimated and what is judged has to be the same, term by term; what may differ stands here.
"""

import json
import sys
from pathlib import Path

import pytest
import yaml

from policies.judge import judge
from policies.rule import Program
from stanchion.graph import ResourceGraph
from stanchion.graph.sources import analyzed, read_graph, read_text
from stanchion.recovery.estimate import estimate
from stanchion.recovery.settings import Settings
from stanchion.recovery.term import Term
from stanchion.spec import load_environment
from tests.engine.agreeing_programs import PROGRAMS
from tests.engine.project import CHECKOUT, run_command
from tests.recorder import record

CONFIG = {"aws:region": "us-east-1"}
SOURCES = ("preview", "request", "export")


_PLAN = "urn:pulumi:test::stanchion::aws:backup/plan:Plan::default"
_ALARM = "urn:pulumi:test::stanchion::aws:cloudwatch/metricAlarm:MetricAlarm::stuck"
# The provider fills in `treatMissingData: missing`, and the recorder has no provider.
_FILLED_IN = (
    f"observability-alarm-missing-data-declared advisory: {_ALARM}: Alarm 'stuck' doesn't say what missing data means; "
    "by default it goes to INSUFFICIENT_DATA, where a metric that stops looks like one that is quiet."
)
# What the recorder says and a source does not, and the other way round; nothing else may differ.
DIFFERENCES: dict[tuple[str, str], tuple[list[str], list[str]]] = {
    ("images", "preview"): ([_FILLED_IN], []),
    ("images", "request"): ([_FILLED_IN], []),
    ("images", "export"): ([_FILLED_IN], []),
    # A schedule that is made of another resource's output is known once that one is there.
    ("workloads", "export"): (
        [
            f"recovery-backup-windows mandatory: {_PLAN}: `rules[0].schedule` of aws:backup/plan:Plan 'default' is "
            "known only after the deployment, so it can't be told whether its plan fits tier standard."
        ],
        [
            f"recovery-backup-windows mandatory: {_PLAN}: Plan 'default' backs up tier standard (rule 'made-up' of "
            "backup plan 'default') and may lose 10 h, more than any RPO of the tier; the longest is 6 h."
        ],
    ),
}


@pytest.fixture(scope="module")
def told(engine: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for name, build in PROGRAMS.items():
        graphs = {
            "recorder": record(build, preview=True).graph(CONFIG),
            **told_by_the_engine(name, engine, tmp_path_factory.mktemp(name)),
        }
        found[name] = {source: answers(graph) for source, graph in graphs.items()}
    return found


def told_by_the_engine(name: str, engine: dict[str, str], folder: Path) -> dict[str, ResourceGraph]:
    virtualenv = {"name": "python", "options": {"virtualenv": str(Path(sys.executable).parent.parent)}}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "stanchion", "runtime": virtualenv}))
    program = f"from tests.engine.agreeing_programs import PROGRAMS\n\nPROGRAMS[{name!r}]()\n"
    (folder / "__main__.py").write_text(program)
    (folder / "state").mkdir()
    (folder / "pack").mkdir()
    (folder / "pack/PulumiPolicy.yaml").write_text(yaml.safe_dump({"version": "1.0.0", "runtime": virtualenv}))
    (folder / "pack/__main__.py").write_text("from tests.engine.recording_pack import main\n\nmain()\n")
    variables = {
        **engine,
        "PULUMI_BACKEND_URL": f"file://{folder}/state",
        "PYTHONPATH": str(CHECKOUT),
        "ANSWERS": str(folder / "requests"),
    }

    def pulumi(*arguments: str) -> str:
        return run_command(["pulumi", *arguments, "--non-interactive", "--color", "never"], folder, variables).ok().out

    pulumi("stack", "init", "test")
    pulumi("config", "set", "aws:region", CONFIG["aws:region"])
    preview = pulumi("preview", "--json", "--policy-pack", "pack")
    try:
        pulumi("up", "--yes", "--skip-preview")
        pulumi("stack", "export", "--file", "export.json")
    finally:
        pulumi("destroy", "--yes", "--skip-preview")
    requests = [json.loads(line) for line in (folder / "requests").read_text().splitlines()]
    stack = next(request["stack"]["resources"] for request in requests if "stack" in request)
    inputs = {each["inputs"]["urn"]: each["inputs"].get("properties", {}) for each in requests if "inputs" in each}
    config = next(request["config"]["config"] for request in requests if "config" in request)
    return {
        "preview": read_text(preview, "the preview"),
        "request": analyzed(stack, config, inputs),
        "export": read_graph(folder / "export.json"),
    }


def answers(graph: ResourceGraph) -> list[str]:
    """What is said of a program, a line each: every figure, each of its terms, every violation."""
    settings = Settings.of_tiers(load_environment("local", CHECKOUT).tiers)
    lines: list[str] = []
    for each in estimate(graph, settings).estimates:
        for name, figure in (("RTO", each.rto), ("RPO", each.rpo)):
            place = f"{each.workload} ({each.tier}), {name} {each.disruption.value}"
            deciding = figure.deciding.name if figure.deciding else None
            lines.append(f"{place}: {figure.verdict.value}, {figure.amount}, {deciding}, {figure.missing}")
            for part in figure.parts:
                said = f"{place}: {part.phase}, {part.name}, {part.urn}, counts {part.counts}, {part.note}"
                lines += [said, *(f"{said}: {term}" for term in map(said_of, part.terms))]
    judged = judge(Program(graph, settings))
    lines += [f"{j.rule.id} {j.level.value}: {j.violation.urn}: {j.violation.message}" for j in judged]
    return lines


def said_of(term: Term) -> str:
    return f"{term.name}: {term.amount}, {term.grade.value}, {term.source}, {term.urn}, {term.property}"


def differing(one: list[str], other: list[str]) -> tuple[list[str], list[str]]:
    return sorted(set(one) - set(other)), sorted(set(other) - set(one))


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", PROGRAMS)
def test_all_sources_say_what_the_recorder_says(name: str, source: str, told: dict[str, dict[str, list[str]]]):
    lines = told[name]["recorder"]
    assert len(lines) > 20
    assert differing(lines, told[name][source]) == DIFFERENCES.get((name, source), ([], []))
