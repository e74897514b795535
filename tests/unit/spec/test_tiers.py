import pytest

from stanchion.spec import AUTO, DISRUPTIONS, Duration, Tier, load_text
from tests.unit.spec.documents import changed, only_problem, problems, says

RTO, RPO, DECIDE = "rto: {zone: 2m, region: 15m}", "rpo: {application: 5m, region: 15m}", "decide: {region: auto}"


def tier(**keys: object) -> Tier:
    return Tier.model_validate({"rto": "4h", "rpo": "6h", **keys})


def test_a_scalar_is_shorthand_for_every_disruption():
    spec = tier(decide="10m")
    for disruption in DISRUPTIONS:
        assert getattr(spec.rto, disruption) == Duration(4 * 3600)
        assert getattr(spec.rpo, disruption) == Duration(6 * 3600)
        assert getattr(spec.decide, disruption) == Duration(600)
    assert tier(decide=AUTO).decide.region == AUTO


def test_what_is_not_named_is_not_promised():
    spec = tier(rto={"zone": "2m"})
    assert spec.rto.zone == Duration(120)
    assert spec.rto.region is None


def test_unless_said_machines_decide_on_all_but_a_region_and_drills_are_monthly():
    spec = tier()
    assert (spec.decide.application, spec.decide.infrastructure, spec.decide.zone) == (AUTO, AUTO, AUTO)
    assert spec.decide.region == Duration(1800)
    assert spec.drill_every.days == 30


def test_losing_nothing_can_be_promised():
    assert tier(rpo="0s").rpo.region == Duration(0)


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "words"),
    [
        (RTO, "rto: 15", 13, "tiers.critical.rto", ("'15' is not a duration", "no unit", "15m")),
        (RTO, "rto: -15m", 13, "tiers.critical.rto", ("backwards",)),
        (RTO, "rto: {region: 15 min}", 13, "tiers.critical.rto.region", ("'min' is not a unit", "write 15m")),
        (
            RTO,
            "rto: {}",
            13,
            "tiers.critical.rto",
            ("names no disruption", "application, infrastructure, zone"),
        ),
        (RTO, "rto: [1h]", 13, "tiers.critical.rto", ("it is a list", "application, infrastructure, zone, region")),
        (RTO, "rto:", 13, "tiers.critical.rto", ("no value",)),
        (RTO, "rto: {zone: 0s}", 13, "tiers.critical.rto.zone", ("'0s' can't be met", "above 0")),
        (RTO, "rto: {az: 1m}", 13, "tiers.critical.rto.az", ("'az' is not a key", "zone, region", "remove it")),
        (RPO + "\n", "\n", 12, "tiers.critical.rpo", ("missing", "`rpo: 1h`")),
        (DECIDE, "decide: automatic", 15, "tiers.critical.decide", ("'automatic'", "auto, or the longest")),
        (DECIDE, "decide: 0s", 15, "tiers.critical.decide", ("no time", "write auto")),
        (DECIDE, "decide: {region: 30}", 15, "tiers.critical.decide.region", ("no unit", "auto, or the longest")),
        (DECIDE, "decide: {region: 15m}", 15, "tiers.critical.decide.region", ("15m", "rto.region", "less than 15m")),
        (DECIDE, "drill_every: 12h", 15, "tiers.critical.drill_every", ("'12h'", "1d to 366d")),
        ("  critical:", "  Critical:", 12, "tiers.Critical", ("'Critical'", "small letters")),
    ],
)
def test_bad_tiers(old: str, new: str, line: int, key: str, words: tuple[str, ...]):
    text = changed(old, new)
    if "drill_every" in new:
        text = text.replace(new, f"{DECIDE}\n    {new}").replace(f"    {DECIDE}\n    {new}", f"    {new}\n    {DECIDE}")
    says(only_problem(text), line=line, key=key, words=words)


def test_a_default_decision_that_takes_longer_than_the_objective_is_said_too():
    says(
        only_problem(changed("    " + DECIDE + "\n", "")),
        line=12,
        key="tiers.critical.decide.region",
        words=("deciding may take 30m", "rto.region", "auto, or less than 15m"),
    )


def test_every_disruption_that_can_not_be_met_is_named():
    found = problems(changed(DECIDE, "decide: 1h"))
    assert [problem.key for problem in found] == ["tiers.critical.decide.region", "tiers.critical.decide.zone"]


def test_an_environment_has_a_tier():
    text = changed(f"  critical:\n    {RTO}\n    {RPO}\n    {DECIDE}\n", "").replace("tiers:\n", "tiers: {}\n")
    says(only_problem(text), line=11, key="tiers", words=("there is no tier", "at least one"))


def test_a_disposable_environment_may_have_a_critical_tier():
    assert "critical" in load_text(changed("retention: keep", "retention: disposable")).tiers
