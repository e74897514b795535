"""Recovery objectives are met, as computed from the settings."""

from collections.abc import Iterable

from policies.rule import Example, Group, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import GraphBuilder, ResourceGraph
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.estimate import Verdict
from stanchion.recovery.objectives import Objective, TierObjectives
from stanchion.recovery.report.sentence import figure_sentence
from stanchion.recovery.settings import Settings


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """One violation for each RTO or RPO that is broken or can't be told."""
    for found in program.estimates.estimates:
        for name, figure in (("RTO", found.rto), ("RPO", found.rpo)):
            if figure.verdict.fails:
                term = figure.deciding
                yield Violation(
                    figure_sentence(found, name, figure),
                    term.urn if term else "",
                    term.property if term else "",
                    unknown=figure.verdict is Verdict.UNKNOWN,
                )


def _bucket(versions: str) -> ResourceGraph:
    builder = GraphBuilder(tags={"stanchion:workload": "search", "stanchion:tier": "standard"})
    bucket = builder.add("aws:s3/bucket:Bucket", "lake", {"bucket": "lake"})
    builder.add(
        "aws:s3/bucketVersioning:BucketVersioning",
        "lake",
        {"bucket": bucket.ref("id"), "versioningConfiguration": {"status": versions}},
    )
    return builder.graph()


def _settings() -> Settings:
    standard = TierObjectives("standard", {Disruption.APPLICATION: Objective(rpo=3600.0)})
    return Settings(tiers={"standard": standard})


RULE = Rule(
    id="recovery-objectives-met",
    group=Group.RECOVERY,
    severity=Severity.CRITICAL,
    description="The RTO and RPO that the settings give meet the objectives of the workload's tier; one that can't be "
    "computed counts as not met.",
    remediation="`stanchion recovery --why` shows every term; change the setting that decides, or the objective.",
    source="environment document: tiers",
    check=check,
    passing=(Example("an overwritten object has its earlier version", lambda: _bucket("Enabled"), settings=_settings),),
    failing=(Example("an overwritten object is gone", lambda: _bucket("Suspended"), ("lake",), settings=_settings),),
)
