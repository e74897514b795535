"""The estimate: RTO and RPO per workload and disruption, with every term they are made of.

RPO is the largest over the stores; a store is judged by its best protection. RTO is detection, decision, the longest
path over the recovery steps, and the shift of traffic; steps side by side take the larger, dependent ones add.

What can't be told fails closed (`UNKNOWN`). What no resource of the program speaks about is `NOT_ASSESSED`: listed, and
never the same as met. A partial RTO that already breaks the objective is broken all the same.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.declared import DISPOSABLE, RECORD, declared
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.elsewhere import elsewhere_of, layers_of
from stanchion.recovery.evidence import Evidence, newest
from stanchion.recovery.findings import Findings, Note, Phase, Protection, Step, Store
from stanchion.recovery.mechanism import find_all
from stanchion.recovery.objectives import Objective, TierObjectives
from stanchion.recovery.paths import fastest, longest_path
from stanchion.recovery.settings import Settings
from stanchion.recovery.sources import NOTHING_PROTECTS, OBJECTIVE, Source
from stanchion.recovery.stateful import unexplained
from stanchion.recovery.term import UNBOUNDED, Amount, Grade, Term, largest, rank, total
from stanchion.recovery.workloads import Workload, workloads_of

DRILL = Source("evidence of a drill", "rto_seconds and rpo_seconds")


class Verdict(StrEnum):
    """What a figure means for its objective."""

    MET = "met"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    NOT_ASSESSED = "not assessed"
    NO_OBJECTIVE = "no objective"

    @property
    def fails(self) -> bool:
        """Whether a gate stops here: unknown is not good enough."""
        return self in (Verdict.BROKEN, Verdict.UNKNOWN)


class Proof(StrEnum):
    """What drills say about a figure."""

    PROVEN = "proven"
    UNPROVEN = "unproven"
    """New, and in the grace of one `drill_every`."""
    OVERDUE = "overdue"
    """Never drilled, or not for longer than `drill_every`."""


NOBODY_WAITS = "declared a record by its tag stanchion:data, whose return nothing waits for"


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the bill of materials.

    Args:
        phase: `loss` for an RPO; else `detect`, `decide`, `recover`, `shift`.
        name: the protection or the step, as people would say it.
        urn: the resource it is about; empty for the decision.
        terms: what it is made of; they add up.
        counts: whether it decides the figure (is on the longest path, or the worst store's protection).
        note: why it is left out or not assessed; empty otherwise.
    """

    phase: str
    name: str
    urn: str
    terms: tuple[Term, ...]
    counts: bool = False
    note: str = ""

    @property
    def amount(self) -> Amount:
        """Its seconds."""
        return total(term.amount for term in self.terms)


@dataclass(frozen=True, slots=True)
class Figure:
    """An RTO or an RPO of one workload under one disruption.

    Args:
        objective: seconds, None for no promise.
        amount: seconds, unbounded or unsettled; None when nothing of it could be assessed.
        verdict: what it means.
        grade: the worst grade among the terms that count; None when there are none.
        deciding: the term that decides it: the one that is not known, or the largest that counts.
        parts: the whole bill of materials.
        missing: what was not assessed, as sentences.
    """

    objective: float | None
    amount: Amount | None
    verdict: Verdict
    grade: Grade | None
    deciding: Term | None
    parts: tuple[Part, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one workload can expect of one disruption.

    Args:
        workload, tier, disruption: whose, and of which; the tier is `unknown` when it can't be told.
        rto, rpo: the figures.
        proof: what drills say of them; None without an objective.
        gap: why the objectives can't be told; every verdict is unknown then.
    """

    workload: str
    tier: str
    disruption: Disruption
    rto: Figure
    rpo: Figure
    proof: Proof | None = None
    gap: Unsettled | None = None


@dataclass(frozen=True, slots=True)
class Estimates:
    """All estimates of a program, by workload and disruption, and what else a reader should know."""

    estimates: tuple[Estimate, ...]
    workloads: tuple[Workload, ...]
    notes: tuple[Note, ...]
    findings: Findings

    @property
    def fails(self) -> bool:
        """Whether any figure is broken or unknown."""
        return any(figure.verdict.fails for e in self.estimates for figure in (e.rto, e.rpo))


def estimate(graph: ResourceGraph, settings: Settings) -> Estimates:
    """Estimate every workload of a program.

    Args:
        graph: the program, of one stack or of several merged ones.
        settings: the objectives, and what else it is judged by.
    """
    graph = settings.applied(graph)
    findings = find_all(graph)
    _add_unexplained(graph, findings)
    relevant = [*findings.stores, *(step.urn for step in findings.steps)]
    workloads = workloads_of(graph, relevant)
    by_store: dict[tuple[str, Disruption], list[Protection]] = {}
    for protection in findings.protections:
        by_store.setdefault((protection.store, protection.disruption), []).append(protection)
    steps: dict[str, list[Step]] = {}
    for step in findings.steps:
        steps.setdefault(step.urn, []).append(step)
    layers = layers_of(graph)
    found: list[Estimate] = []
    for workload in workloads:
        tier = workload.objectives(settings.tiers)
        stores = [findings.stores[urn] for urn in sorted(workload.members & findings.stores.keys())]
        own_steps = [step for urn in sorted(workload.members & steps.keys()) for step in steps[urn]]
        for disruption in Disruption:
            judge = _Judge(graph, settings, workload, tier, disruption, layers)
            found.append(judge.estimate(stores, by_store, [s for s in own_steps if s.disruption == disruption]))
    return Estimates(tuple(found), workloads, tuple(findings.notes), findings)


def _add_unexplained(graph: ResourceGraph, findings: Findings) -> None:
    """A stateful resource that no mechanism explains is a store of which nothing is known."""
    for resource, kind in tuple(unexplained(graph, findings.stores.keys())):
        findings.add(Store(resource.urn, kind))
        gap = Unsettled(resource.urn, "", f"holds state, and no mechanism of Stanchion explains {resource.type}")
        term = Term("what it takes", gap, Grade.NONE, NOTHING_PROTECTS, resource.urn)
        for disruption in Disruption:
            findings.add(Protection(resource.urn, "unexplained type", disruption, (term,), (term,)))


@dataclass(frozen=True, slots=True)
class _Judge:
    """One workload under one disruption."""

    graph: ResourceGraph
    settings: Settings
    workload: Workload
    tier: TierObjectives | Unsettled
    disruption: Disruption
    layers: frozenset[str]

    @property
    def objective(self) -> Objective:
        if isinstance(self.tier, Unsettled):
            return Objective()
        return self.tier.of.get(self.disruption, Objective())

    def estimate(
        self,
        stores: Sequence[Store],
        protections: Mapping[tuple[str, Disruption], Sequence[Protection]],
        steps: Sequence[Step],
    ) -> Estimate:
        losses: list[Part] = []
        restores: list[Step] = []
        waited_for_by_nobody: list[Part] = []
        for store in stores:
            part, chosen = self._store(store, protections.get((store.urn, self.disruption), ()))
            losses.append(part)
            if not chosen or not chosen.restore:
                continue
            if self._is_record(store.urn):
                waited_for_by_nobody.append(
                    Part(Phase.RECOVER.value, chosen.name, store.urn, chosen.restore, note=NOBODY_WAITS)
                )
            else:
                restores.append(Step(store.urn, chosen.name, self.disruption, Phase.RECOVER, chosen.restore))
        evidence = self._evidence()
        return Estimate(
            self.workload.name,
            "unknown" if isinstance(self.tier, Unsettled) else self.tier.name,
            self.disruption,
            self._rto([*restores, *steps], waited_for_by_nobody, evidence),
            self._rpo(losses, evidence),
            self._proof(evidence),
            self.tier if isinstance(self.tier, Unsettled) else None,
        )

    def _store(self, store: Store, options: Sequence[Protection]) -> tuple[Part, Protection | None]:
        """How a store fares: what counts, or why it is left out."""
        resource = self.graph.resources[store.urn]
        data = declared(self.graph, resource, "data")
        label = f"{store.kind} '{resource.name}'"
        if data == DISPOSABLE:
            return Part("loss", label, store.urn, (), note="declared disposable by its tag stanchion:data"), None
        if not options:
            where = elsewhere_of(self.graph, resource, self.disruption, self.settings.elsewhere, self.layers)
            if where:
                return Part("loss", label, store.urn, (), note=f"not assessed: {where}"), None
            term = Term.of(f"nothing protects {label}", UNBOUNDED, Grade.NONE, NOTHING_PROTECTS, resource)
            return Part("loss", label, store.urn, (term,)), None
        chosen = min(options, key=self._preference)
        return Part("loss", f"{label}: {chosen.name}", store.urn, chosen.loss), chosen

    def _is_record(self, urn: str) -> bool:
        return declared(self.graph, self.graph.resources[urn], "data") == RECORD

    def _preference(self, option: Protection) -> tuple[bool, float, float, str]:
        """What meets the objectives first, then what loses least, then what is back first.

        In this order one more protection never turns a met objective into a broken one.
        """
        loss, back = _pessimistic(option.loss), _pessimistic(option.restore)
        objective = self.objective
        misses = (objective.rpo is not None and loss > objective.rpo) or (
            objective.rto is not None and back > objective.rto - objective.decide
        )
        return misses, loss, back, option.name

    def _rpo(self, losses: list[Part], evidence: Evidence | None) -> Figure:
        judged = [part for part in losses if part.terms]
        missing = tuple(f"{part.name}: {part.note}" for part in losses if part.note.startswith("not assessed"))
        if not losses:
            missing = ("no store of this workload is in the program",)
        amount = largest(part.amount for part in judged) if judged else None
        measured = _measured("loss", evidence, evidence.rpo_seconds if evidence else None, amount)
        if measured:
            judged = [*judged, measured]
            losses = [*losses, measured]
            amount = measured.amount
        worst = _worst(judged)
        parts = tuple(_counting(part) if part is worst else part for part in losses)
        return self._figure(self.objective.rpo, amount, parts, missing)

    def _rto(self, steps: Sequence[Step], beside: Sequence[Part], evidence: Evidence | None) -> Figure:
        steps, spare = fastest(steps)
        detect = [_part(step) for step in steps if step.phase is Phase.DETECT]
        shift = [_part(step) for step in steps if step.phase is Phase.SHIFT]
        path, recover = longest_path([step for step in steps if step.phase is Phase.RECOVER])
        missing = self._missing(bool(detect), bool(path or recover), bool(shift))
        if not (detect or path or recover or shift):
            return self._figure(self.objective.rto, None, tuple(beside), missing)
        decide = Part("decide", self._decision(), "", (self._decide_term(),), counts=True)
        parts = [
            *_largest_counts(detect),
            decide,
            *(_part(step, counts=True) for step in path),
            *(_part(step) for step in recover),
            *_largest_counts(shift),
            *(
                Part(step.phase.value, step.name, step.urn, step.terms, note=f"not needed: faster is {winner.name}")
                for step, winner in spare
            ),
            *beside,
        ]
        amount = total(part.amount for part in parts if part.counts)
        measured = _measured("recover", evidence, evidence.rto_seconds if evidence else None, amount)
        if measured:
            parts = [*(Part(p.phase, p.name, p.urn, p.terms, note=p.note) for p in parts), _counting(measured)]
            amount = measured.amount
        return self._figure(self.objective.rto, amount, tuple(parts), missing)

    def _missing(self, detect: bool, recover: bool, shift: bool) -> tuple[str, ...]:
        """The parts of an RTO that no resource of the program speaks about."""
        missing: list[str] = []
        if not (detect or recover or shift):
            return ("nothing in the program serves this workload, or says how it comes back",)
        if not detect:
            missing.append("detection: nothing in the program notices it")
        if self.disruption is Disruption.REGION and not shift:
            missing.append("shift: nothing in the program moves traffic to another region")
        return tuple(missing)

    def _decision(self) -> str:
        return "decided automatically" if self.objective.automatic else "time to decide"

    def _decide_term(self) -> Term:
        name = "automatic decision" if self.objective.automatic else "time people take to decide"
        return Term(name, self.objective.decide, Grade.BOUND, OBJECTIVE)

    def _figure(
        self, objective: float | None, amount: Amount | None, parts: tuple[Part, ...], missing: tuple[str, ...]
    ) -> Figure:
        terms = [term for part in parts if part.counts for term in part.terms]
        grade = max((term.grade for term in terms), key=lambda g: g.rank, default=None)
        return Figure(
            objective, amount, self._verdict(objective, amount, grade, missing), grade, _deciding(terms), parts, missing
        )

    def _verdict(
        self, objective: float | None, amount: Amount | None, grade: Grade | None, missing: tuple[str, ...]
    ) -> Verdict:
        if isinstance(self.tier, Unsettled):
            return Verdict.UNKNOWN
        if objective is None:
            return Verdict.NO_OBJECTIVE
        if amount is None:
            return Verdict.NOT_ASSESSED
        if isinstance(amount, Unsettled):
            return Verdict.UNKNOWN
        # Zero is a promise that only a setting can keep, no vendor's "usually".
        if amount > objective or (objective == 0 and grade is not Grade.BOUND):
            return Verdict.BROKEN
        return Verdict.NOT_ASSESSED if missing else Verdict.MET

    def _evidence(self) -> Evidence | None:
        fitting = [e for e in self.settings.evidence if e.applies_to(self.settings.cloud, self.settings.account)]
        return newest(fitting, self.workload.name, self.disruption)

    def _proof(self, evidence: Evidence | None) -> Proof | None:
        if isinstance(self.tier, Unsettled) or (self.objective.rto is None and self.objective.rpo is None):
            return None
        since = evidence.measured_at if evidence else self._born()
        recent = since is None or (self.settings.now - since).total_seconds() <= self.tier.drill_every
        if evidence:
            return Proof.PROVEN if recent else Proof.OVERDUE
        return Proof.UNPROVEN if recent else Proof.OVERDUE

    def _born(self) -> datetime | None:
        """When the first of its resources was made; None for what is not deployed."""
        members: Iterable[Resource] = (self.graph.resources[urn] for urn in self.workload.members)
        return min((r.created for r in members if r.created is not None), default=None)


def _part(step: Step, *, counts: bool = False) -> Part:
    return Part(step.phase.value, step.name, step.urn, step.terms, counts)


def _counting(part: Part) -> Part:
    return Part(part.phase, part.name, part.urn, part.terms, True, part.note)


def _largest_counts(parts: Sequence[Part]) -> list[Part]:
    worst = _worst(parts)
    return [_counting(part) if part is worst else part for part in parts]


def _worst(parts: Sequence[Part]) -> Part | None:
    """The part that decides a maximum; an unbounded one before an unsettled one, as `largest` has it."""
    return max(parts, key=lambda part: rank(part.amount), default=None)


def _pessimistic(terms: Iterable[Term]) -> float:
    amount = total(term.amount for term in terms)
    return math.inf if isinstance(amount, Unsettled) else amount


def _deciding(terms: Sequence[Term]) -> Term | None:
    return max(terms, key=lambda term: (rank(term.amount), term.grade.rank), default=None)


def _measured(phase: str, evidence: Evidence | None, seconds: float | None, amount: Amount | None) -> Part | None:
    """A measurement that is worse than the estimate takes its place; a better one proves nothing for the next time."""
    if evidence is None or seconds is None or not isinstance(amount, float | int) or seconds <= amount:
        return None
    name = f"measured by drill {evidence.drill} on {evidence.measured_at:%Y-%m-%d}"
    return Part(phase, name, "", (Term(name, seconds, Grade.MEASURED, DRILL),))
