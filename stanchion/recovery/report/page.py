"""The report as one page: a waterfall of the RTO terms and a bar for each store, drawn, with everything inside."""

import html
import math
import re
from collections.abc import Iterator, Sequence

from stanchion.graph import ResourceGraph, Unsettled
from stanchion.recovery.compare import Comparison
from stanchion.recovery.estimate import Estimate, Estimates, Figure, Part, Verdict
from stanchion.recovery.report.amount import shown
from stanchion.recovery.report.notes import said_once
from stanchion.recovery.report.rows import NOTHING, Row, row_of
from stanchion.recovery.term import Term

_WIDTH = 980.0
_ROW = 26
_LABEL = 350.0
_COLOURS = {"detect": "#d98c21", "decide": "#8a63b8", "recover": "#2f6fb3", "shift": "#2e8b6f", "loss": "#4a7d92"}
_CLASSES = {
    Verdict.MET: "met",
    Verdict.BROKEN: "broken",
    Verdict.UNKNOWN: "unknown",
    Verdict.NOT_ASSESSED: "not-assessed",
    Verdict.NO_OBJECTIVE: "not-assessed",
}
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #888; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1180px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; } h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .25rem .6rem; vertical-align: top;
border-bottom: 1px solid var(--line); } .number { text-align: right; white-space: nowrap; }
.verdict { font-weight: 600; white-space: nowrap; } .met { color: #23823b; } .broken { color: #c62f2f; }
.unknown { color: #a12fa1; } .not-assessed { color: var(--soft); }
svg text { font: 12px system-ui, sans-serif; fill: currentColor; }
svg .soft { fill: var(--soft); paint-order: stroke; stroke: Canvas; stroke-width: 4px; }
svg .objective { stroke: #c62f2f; stroke-dasharray: 4 3; } figure { margin: 0; overflow-x: auto; }
details { margin: .2rem 0 1rem; } summary { cursor: pointer; color: var(--soft); } .worse { color: #c62f2f; }
.scroll { overflow-x: auto; } code { font-size: .92em; } p { margin: .2rem 0; } .why { color: var(--soft); }
.legend span { margin-right: 1.2rem; } .legend i { display: inline-block; width: .8em; height: .8em; border-radius: 2px;
margin-right: .4em; } li { margin: .15rem 0; }
"""
# What each colour stands for, in the order of time.
_PHASES = {
    "detect": "until it is noticed",
    "decide": "until somebody decides",
    "recover": "until it works again",
    "shift": "until traffic is there",
    "loss": "data that is lost",
}


def page(graph: ResourceGraph, estimates: Estimates, comparison: Comparison | None, title: str) -> str:
    """One HTML file that needs nothing else: no script, no font, no address.

    Args:
        graph: the program, for the names of resources.
        estimates: what to draw.
        comparison: what changed, or None.
        title: of the page.
    """
    body = "\n".join(_body(graph, estimates, comparison, title))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{_text(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def _body(graph: ResourceGraph, estimates: Estimates, comparison: Comparison | None, title: str) -> Iterator[str]:
    yield f"<h1>{_text(title)}</h1>"
    if not estimates.estimates:
        yield f"<p>{NOTHING}.</p>"
    yield from _summary(estimates)
    if comparison is not None:
        yield from _changes(comparison)
    for workload in dict.fromkeys(found.workload for found in estimates.estimates):
        mine = [found for found in estimates.estimates if found.workload == workload]
        yield f'<h2 id="{_anchor(workload)}">{_text(workload)} <small>({_text(mine[0].tier)})</small></h2>'
        if mine[0].gap:
            yield f'<p class="unknown">It can\'t be judged: {_text(str(mine[0].gap))}.</p>'
        for found in mine:
            for name, figure in (("RTO", found.rto), ("RPO", found.rpo)):
                if figure.parts or figure.missing:
                    yield from _figure(graph, found, name, figure)
    if estimates.notes:
        yield "<h2>Notes</h2><ul>"
        yield from (f"<li>{_text(note)}</li>" for note in said_once(estimates.notes))
        yield "</ul>"


def _summary(estimates: Estimates) -> Iterator[str]:
    if not estimates.estimates:
        return
    figure_heads = '<th class="number">{}</th><th class="number">objective</th><th></th>'
    heads = "".join(figure_heads.format(name) for name in ("RTO", "RPO"))
    yield f'<div class="scroll"><table><thead><tr><th>workload</th><th>disruption</th>{heads}</tr></thead><tbody>'
    before = ""
    for found in estimates.estimates:
        name = "" if found.workload == before else f'<a href="#{_anchor(found.workload)}">{_text(found.workload)}</a>'
        before = found.workload
        cells = "".join(
            f'<td class="number">{_text(row.estimate)}</td><td class="number">{_text(row.objective)}</td>'
            f"<td>{_verdict(row.verdict)}</td>"
            for row in (row_of(found, "RTO", found.rto), row_of(found, "RPO", found.rpo))
        )
        yield f"<tr><td>{name}</td><td>{found.disruption.value}</td>{cells}</tr>"
    yield "</tbody></table></div>"
    legend = "".join(
        f'<span><i style="background: {_COLOURS[phase]}"></i>{text}</span>' for phase, text in _PHASES.items()
    )
    yield f'<p class="why legend">{legend}</p>'


def _changes(comparison: Comparison) -> Iterator[str]:
    yield "<h2>What changes</h2><ul>"
    for change in comparison.changes:
        sentence = f"{_text(change.workload)}: {_sentence(change.sentence)}"
        yield f'<li class="{"worse" if change.worse else ""}">{sentence}</li>'
    yield from (f"<li>new workload: {_text(name)}</li>" for name in comparison.added)
    yield from (f'<li class="worse">workload gone: {_text(name)}</li>' for name in comparison.removed)
    if not (comparison.changes or comparison.added or comparison.removed):
        yield "<li>Recovery does not change.</li>"
    yield "</ul>"


def _figure(graph: ResourceGraph, estimate: Estimate, name: str, figure: Figure) -> Iterator[str]:
    row = row_of(estimate, name, figure)
    amount = "" if figure.amount is None else f"{_text(row.estimate)} "
    yield f"<h3>{name} {estimate.disruption.value}: {amount}{_verdict(row.verdict)}</h3>"
    yield from _reasons(row, figure)
    if not figure.parts:
        return
    bars = list(_bars(name, figure))
    if bars:
        label = f"{name} of {estimate.workload} when it loses its {estimate.disruption.value}"
        yield f"<figure>{_drawing(bars, figure, label)}</figure>"
    yield "<details><summary>every term, its setting and its source</summary><div class='scroll'><table><tbody>"
    for part in figure.parts:
        if part.note:
            yield f'<tr><td>{_text(part.name)}</td><td colspan="4" class="not-assessed">{_text(part.note)}</td></tr>'
        for term in part.terms:
            yield _term_row(graph, part, term)
    yield from (f'<tr><td colspan="5" class="not-assessed">not assessed: {_text(s)}</td></tr>' for s in figure.missing)
    yield "</tbody></table></div></details>"


def _reasons(row: Row, figure: Figure) -> Iterator[str]:
    """Why a figure is not met, where it stands and not only behind a click."""
    if row.verdict is Verdict.NOT_ASSESSED:
        yield from (f'<p class="why">{_sentence(sentence)}</p>' for sentence in figure.missing)
    elif row.verdict.fails:
        yield f'<p class="why">decided by: {_sentence(row.decided_by)}</p>'


def _term_row(graph: ResourceGraph, part: Part, term: Term) -> str:
    resource = graph.resources.get(term.urn)
    where = f"{resource.label} {term.property}" if resource else ""
    amount = f"unknown: {term.amount}" if isinstance(term.amount, Unsettled) else shown(term.amount)
    cells = (part.name, term.name, amount, f"{term.grade.value}; {term.source}", where)
    return f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in cells)}</tr>"


# A bar: label, phase, from, to (seconds; None for what has no end), amount as text.
_Bar = tuple[str, str, float, float | None, str]


def _bars(name: str, figure: Figure) -> Iterator[_Bar]:
    """RTO terms follow each other as they do in time; losses of stores lie side by side."""
    at = 0.0
    for part in figure.parts:
        if not part.terms or (name == "RTO" and not part.counts):
            continue
        start = at if name == "RTO" else 0.0
        for term in part.terms:
            end = None if isinstance(term.amount, Unsettled) or math.isinf(term.amount) else start + term.amount
            yield term.name, part.phase, start, end, shown(term.amount)
            start = start if end is None else end
        at = start if name == "RTO" else at


def _drawing(bars: Sequence[_Bar], figure: Figure, label: str) -> str:
    longest = max([end for _, _, _, end, _ in bars if end is not None] + [figure.objective or 0.0, 1.0])
    endless = any(end is None for _, _, _, end, _ in bars)
    # Room on the right: what has no end is drawn to the edge, and the amounts stand behind their bars.
    scale = (_WIDTH - _LABEL - (130 if endless else 90)) / longest
    height = len(bars) * _ROW + (0 if figure.objective is None else 22)
    lines = [
        f'<svg role="img" aria-label="{_text(label)}" viewBox="0 0 {_WIDTH:g} {height}" width="{_WIDTH:g}" '
        f'height="{height}" xmlns="http://www.w3.org/2000/svg">'
    ]
    if figure.objective is not None:
        x = _LABEL + figure.objective * scale
        lines += [
            f'<line class="objective" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height - 18}"/>',
            f'<text class="soft" x="{min(x, _WIDTH - 110):.1f}" y="{height - 4}">'
            f"objective {_text(shown(figure.objective))}</text>",
        ]
    for row, (text, phase, start, end, amount) in enumerate(bars):
        y = row * _ROW
        x = _LABEL + start * scale
        width = (_WIDTH - 75 - x) if end is None else max(1.5, (end - start) * scale)
        colour = _COLOURS.get(phase, "#777")
        dashes = ' fill-opacity="0.25" stroke="#c62f2f" stroke-dasharray="4 3"' if end is None else ""
        lines += [
            f'<text x="0" y="{y + 17}"><title>{_text(text)}</title>{_text(_short(text))}</text>',
            f'<rect x="{x:.1f}" y="{y + 5}" width="{width:.1f}" height="16" rx="2" fill="{colour}"{dashes}>'
            f"<title>{_text(text)}: {_text(amount)}</title></rect>",
            f'<text class="soft" x="{x + width + 5:.1f}" y="{y + 17}">{_text(amount)}</text>',
        ]
    lines.append("</svg>")
    return "".join(lines)


def _short(text: str) -> str:
    return text if len(text) <= 58 else f"{text[:57]}…"


def _verdict(verdict: Verdict) -> str:
    return f'<span class="verdict {_CLASSES[verdict]}">{verdict.value}</span>'


def _anchor(workload: str) -> str:
    return "w-" + "".join(letter if letter.isalnum() else "-" for letter in workload)


def _sentence(text: str) -> str:
    """Text with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", _text(text))


def _text(text: str) -> str:
    return html.escape(text, quote=True)
