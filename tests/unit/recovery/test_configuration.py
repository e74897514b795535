from pathlib import Path

import pytest

from stanchion.recovery.configuration import load_configuration, settings_from
from stanchion.recovery.disruption import Disruption
from stanchion.spec.errors import SpecError

ROOT = Path(__file__).resolve().parents[3]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "configuration.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_all_of_it(tmp_path: Path):
    path = written(
        tmp_path,
        """
tiers: {gold: {rto: 1h, rpo: {region: 5m}}}
resources:
  - {match: "orders-*", workload: orders, tier: gold, restore: 30m, shared: false}
  - {match: "*-logs", data: disposable}
elsewhere: {region: the stack links}
cloud: aws
account: "111122223333"
""",
    )
    settings = settings_from(load_configuration(path), None, tmp_path)
    assert settings.tiers["gold"].of[Disruption.REGION].rpo == 300.0
    assert settings.resources[0].tags == {"workload": "orders", "tier": "gold", "restore": "30m", "shared": "false"}
    assert settings.resources[1].tags == {"data": "disposable"}
    assert settings.elsewhere == {Disruption.REGION: "the stack links"}
    assert (settings.cloud, settings.account) == ("aws", "111122223333")


def test_an_environment_brings_its_tiers_and_the_configuration_wins(tmp_path: Path):
    path = written(tmp_path, "environment: example\ntiers: {standard: {rto: 1h, rpo: 1h}}\n")
    settings = settings_from(load_configuration(path), None, ROOT)
    assert set(settings.tiers) == {"critical", "standard", "batch"}
    assert settings.tiers["standard"].of[Disruption.REGION].rto == 3600.0
    assert settings.cloud == "aws"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tires: {}", "tires"),
        ("elsewhere: {flood: there}", "elsewhere"),
        ("resources: [{match: '*'}]", "says nothing about them"),
        (
            "resources: [{match: '*', data: gone}]",
            "resources[0].data: 'gone' is not one of its values; allowed: disposable, record",
        ),
        ("resources: [{mach: '*'}]", "did you mean match"),
        ("account: '12'", "account: '12' is not of the form it must have; allowed: 12 digits"),
        ("account: 111122223333", "account: an account id without quotes is a number to YAML"),
        ("cloud: gcp", "cloud: 'gcp' is not one of its values; allowed: aws, local"),
        ("tiers: {gold: {rto: 1x, rpo: 1h}}", "tiers.gold.rto"),
    ],
)
def test_what_is_wrong_is_named_with_file_line_and_key(tmp_path: Path, text: str, message: str):
    with pytest.raises(SpecError) as refused:
        load_configuration(written(tmp_path, text))
    assert "configuration.yaml:1" in str(refused.value)
    assert message in str(refused.value)


def test_an_environment_that_is_not_there_is_an_error_unless_it_is_optional(tmp_path: Path):
    (tmp_path / "environments").mkdir()
    with pytest.raises(SpecError, match="nowhere"):
        settings_from(None, "nowhere", tmp_path)
    assert settings_from(None, "nowhere", tmp_path, optional=True).tiers == {}
