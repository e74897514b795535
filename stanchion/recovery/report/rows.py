"""The rows of the report's table: one an objective, for the terminal, for Markdown and for the page alike."""

from collections.abc import Iterator
from dataclasses import dataclass

from stanchion.graph import Unsettled
from stanchion.recovery.estimate import Estimate, Estimates, Figure, Verdict
from stanchion.recovery.report.amount import shown


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
        yield _row(found, "RTO", found.rto)
        yield _row(found, "RPO", found.rpo)


def _row(estimate: Estimate, name: str, figure: Figure) -> Row:
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
        decided_by=_decided_by(figure),
        verdict=figure.verdict,
        proof=estimate.proof.value if estimate.proof else "-",
    )


def _decided_by(figure: Figure) -> str:
    if isinstance(figure.amount, Unsettled):
        return str(figure.amount)
    if figure.missing and figure.verdict is Verdict.NOT_ASSESSED:
        return figure.missing[0]
    return f"{figure.deciding.name} ({shown(figure.deciding.amount)})" if figure.deciding else "-"
