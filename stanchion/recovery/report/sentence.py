"""One figure as a sentence, for policies and errors."""

from stanchion.graph import Unsettled
from stanchion.recovery.estimate import Estimate, Figure
from stanchion.recovery.report.amount import shown


def figure_sentence(estimate: Estimate, name: str, figure: Figure) -> str:
    """`workload 'search' (tier standard): RPO region is 177 h, the objective 6 h; ...`.

    Args:
        estimate: whose figure.
        name: `RTO` or `RPO`.
        figure: the figure.
    """
    subject = f"workload '{estimate.workload}' (tier {estimate.tier}): {name} {estimate.disruption.value}"
    objective = (
        f"the objective is {shown(figure.objective)}" if figure.objective is not None else "there is no objective"
    )
    if estimate.gap:
        return f"{subject} can't be judged, since {estimate.gap}."
    if isinstance(figure.amount, Unsettled):
        return f"{subject} can't be computed, since {figure.amount}; {objective}."
    term = figure.deciding
    because = f"; what decides it: {term.name}, {shown(term.amount)}" if term else ""
    return f"{subject} is {shown(figure.amount)} ({figure.grade}), {objective}{because}."
