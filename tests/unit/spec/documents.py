"""A small good document, and what is said when something in it is changed."""

from stanchion.spec import Problem, SpecError, load_text

FILE = "environments/prod.yaml"
GOOD = """\
name: prod
owner: ml-platform
cost_centre: "4711"
cloud: aws
accounts: {workload: "111122223333", backup: "444455556666"}
regions:
  primary: us-east-1
  standby: us-west-2
  witness: us-east-2
retention: keep
tiers:
  critical:
    rto: {zone: 2m, region: 15m}
    rpo: {application: 5m, region: 15m}
    decide: {region: auto}
network:
  cidr:
    primary: 10.20.0.0/16
    standby: 10.21.0.0/16
  nat: per_zone
storage:
  raw: {cold: 30d, archive: 120d, expire: 730d}
"""


def changed(old: str, new: str) -> str:
    """The good document with one place changed."""
    assert GOOD.count(old) == 1, f"'{old}' is not in exactly one place"
    return GOOD.replace(old, new)


def problems(text: str) -> tuple[Problem, ...]:
    """What is wrong with a text; empty when nothing is."""
    try:
        load_text(text, FILE)
    except SpecError as error:
        return error.problems
    return ()


def only_problem(text: str) -> Problem:
    """The one thing that is wrong with a text."""
    found = problems(text)
    assert len(found) == 1, [str(problem) for problem in found]
    return found[0]


def says(problem: Problem, *, line: int | None, key: str, words: tuple[str, ...]) -> None:
    """Assert where the problem is, and that its sentence says what, what is allowed and how to fix it."""
    assert (problem.file, problem.line, problem.key) == (FILE, line, key), str(problem)
    for word in (*words, "; allowed: ", "; fix: "):
        assert word in problem.message, f"'{word}' is not in: {problem.message}"
    assert "\n" not in problem.message
    assert problem.message.endswith((".", "?"))
