"""The rows of the report's table: one an objective, for the terminal, for Markdown and for the page alike."""

from collections.abc import Iterator
from dataclasses import dataclass

from stanchion.graph import Unsettled
from stanchion.graph.sources.state import name_of, type_of
from stanchion.recovery.estimate import Estimate, Estimates, Figure, Verdict
from stanchion.recovery.report.amount import shown
from stanchion.recovery.term import Term

# Said in place of an empty table.
NOTHING = "nothing in this program holds state or serves a workload, so there is no RTO and no RPO to estimate"


@dataclass(frozen=True, slots=True)
class Row:
    """One RTO or RPO, as text."""

    workload: str
    tier: str
    disruption: str
    figure: str
    objective: str
    estimate: str
    grade: str
    decided_by: str
    verdict: Verdict
    proof: str


def rows(estimates: Estimates) -> Iterator[Row]:
    """RTO and RPO of every workload and disruption, in order."""
    for found in estimates.estimates:
        yield row_of(found, "RTO", found.rto)
        yield row_of(found, "RPO", found.rpo)


def row_of(estimate: Estimate, name: str, figure: Figure) -> Row:
    """One figure as text.

    Args:
        estimate: whose figure.
        name: `RTO` or `RPO`.
        figure: the figure.
    """
    partial = figure.verdict is Verdict.NOT_ASSESSED and figure.amount is not None
    return Row(
        workload=estimate.workload,
        tier=estimate.tier,
        disruption=estimate.disruption.value,
        figure=name,
        objective="-" if figure.objective is None else shown(figure.objective),
        # A sum with missing parts is only a floor.
        estimate=f"at least {shown(figure.amount)}" if partial else shown(figure.amount),
        grade=figure.grade.value if figure.grade else "-",
        decided_by=_decided_by(estimate, figure),
        verdict=figure.verdict,
        proof=estimate.proof.value if estimate.proof else "-",
    )


def _decided_by(estimate: Estimate, figure: Figure) -> str:
    if estimate.gap:
        return str(estimate.gap)
    if isinstance(figure.amount, Unsettled):
        return str(figure.amount)
    if figure.missing and figure.verdict is Verdict.NOT_ASSESSED:
        return figure.missing[0]
    return f"{_named(figure.deciding)} ({shown(figure.deciding.amount)})" if figure.deciding else "-"


def _named(term: Term) -> str:
    """A term with the resource it is about, where its name does not say it."""
    name = name_of(term.urn)
    if not name or f"'{name}'" in term.name:
        return term.name
    return f"{term.name} of {type_of(term.urn).rsplit(':', 1)[-1]} '{name}'"
