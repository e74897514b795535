import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from stanchion.spec import environment_names
from stanchion.spec.json_schema import FILE, main, schema
from stanchion.spec.yaml_text import read_document
from tests.unit.spec import serving_document
from tests.unit.spec.documents import GOOD, changed, problems

CHECKOUT = Path(__file__).resolve().parents[3]
HEADER = "# yaml-language-server: $schema=../schemas/environment.json\n"


@pytest.fixture(scope="module")
def committed() -> dict[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8"))


def errors(committed: dict[str, Any], text: str) -> list[str]:
    root, _ = read_document(text)
    return [error.message for error in jsonschema.Draft202012Validator(committed).iter_errors(root.plain())]


def test_the_committed_schema_is_not_stale():
    assert FILE == CHECKOUT / "schemas" / "environment.json"
    assert main(["--check"]) == 0


def test_a_stale_schema_is_said_and_written_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "schemas" / "environment.json"
    assert main(["--check"], file) == 1
    assert (
        "schemas/environment.json is stale; fix: run `python -m stanchion.spec.json_schema`" in capsys.readouterr().err
    )
    assert main([], file) == 0
    assert main(["--check"], file) == 0
    file.write_text("{}", encoding="utf-8")
    assert main(["--check"], file) == 1
    assert main(["--chek"], file) == 2


def test_the_schema_is_one(committed: dict[str, Any]):
    assert committed["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(committed)


def test_the_committed_environments_are_valid_and_name_the_schema(committed: dict[str, Any]):
    assert {"example", "local"} <= set(environment_names(CHECKOUT))
    for name in environment_names(CHECKOUT):
        text = (CHECKOUT / "environments" / f"{name}.yaml").read_text(encoding="utf-8")
        assert text.startswith(HEADER), name
        assert errors(committed, text) == [], name


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cloud: aws", "cloud: aws\ndatasets: {}"),
        ("cloud: aws", "cloud: azure"),
        ("cloud: aws\n", ""),
        ("name: prod", "name: Prod"),
        ("name: prod", "name: p"),
        ('"111122223333"', "111122223333"),
        ('"111122223333"', '"1111-2222"'),
        ("us-west-2", "us-wst-2"),
        ("retention: keep", "retention: forever"),
        ("zone: 2m", "zone: 2"),
        ("zone: 2m", "zone: 2 minutes"),
        ("zone: 2m", "zone: -2m"),
        ("{zone: 2m, region: 15m}", "15"),
        ("{zone: 2m, region: 15m}", "{}"),
        ("{zone: 2m, region: 15m}", "{az: 1m}"),
        ("decide: {region: auto}", "decide: automatic"),
        ("decide: {region: auto}", "decide: 0s"),
        ("  critical:", "  Critical:"),
        ("10.20.0.0/16", "10.20.0.0/24"),
        ("10.20.0.0/16", "10.20.0.0"),
        ("nat: per_zone", "nat: two"),
        ("nat: per_zone", "nat: none\n  flow_log_retention: 100d"),
        ("nat: per_zone", "nat: none\n  interface_endpoints: [ECR]"),
        ("cold: 30d", "cold: 720h"),
        ("cold: 30d", "cold: 30"),
        ("cold: 30d", "cool: 30d"),
        ("cold: 30d", "queried: maybe"),
        ("cold: 30d", "archive_class: glacier"),
    ],
)
def test_what_the_schema_can_express_it_refuses_as_the_models_do(committed: dict[str, Any], old: str, new: str):
    assert errors(committed, GOOD) == []
    assert errors(committed, changed(old, new))
    assert problems(changed(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{zone: 2m, region: 15m}", "4h"),
        ("decide: {region: auto}", "decide: auto"),
        ("decide: {region: auto}", "decide: 10s"),
        ("cold: 30d", "cold: null"),
        ('backup: "444455556666"', "backup: null"),
    ],
)
def test_what_the_models_take_the_schema_takes(committed: dict[str, Any], old: str, new: str):
    assert errors(committed, changed(old, new)) == []
    assert problems(changed(old, new)) == ()


def test_every_key_is_explained_on_hover():
    def undescribed(node: Any, place: str) -> list[str]:
        if not isinstance(node, dict):
            return []
        found = [f"{place}.{key}" for key, value in node.get("properties", {}).items() if not value.get("description")]
        return found + [name for key, value in node.items() for name in undescribed(value, f"{place}.{key}")]

    assert undescribed(schema(), "") == []


def test_defaults_are_written_as_people_write_them(committed: dict[str, Any]):
    def defaults(node: Any) -> list[Any]:
        if isinstance(node, list):
            return [found for item in node for found in defaults(item)]
        if not isinstance(node, dict):
            return []
        own = [node["default"]] if "default" in node and not isinstance(node["default"], list) else []
        return own + [found for value in node.values() for found in defaults(value)]

    found = defaults(committed)
    assert {"30d", "7d", "90d", "365d", "per_zone", "keep"} <= {value for value in found if isinstance(value, str)}
    assert all(isinstance(value, str | bool | int | float | dict | None) for value in found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kind: llm", "kind: lmm"),
        ("    kind: llm\n", ""),
        ("kind: llm", "kind: llm\n    max_vcpus: 8"),
        ("kind: batch", "kind: batch\n    ladder: [full]"),
        ("ladder: [full, quantized, cached]", "ladder: [full, quantised]"),
        ("ladder: [full, quantized, cached]", "ladder: []"),
        ("capacity: {floor: 1, max: 6}", "capacity: {floor: -1, max: 6}"),
        ("capacity: {floor: 1, max: 6}", 'capacity: {floor: "1", max: 6}'),
        ("availability: 99.9", "availability: 100"),
        ("p95: 1500ms", "p95: 1500"),
        ("size: 300MiB", "size: 0MiB"),
        ('cpu: "1"', "cpu: 1"),
        ("prefix: churn/full", "prefix: churn/full/"),
        ("accelerator: nvidia", "accelerator: amd"),
        ("administrators: [deploy]", "administrators: []"),
        ("administrators: [deploy]", 'administrators: [deploy]\n  kubernetes_version: "1.20"'),
        ("  pools:\n", "  pools:\n    General: {families: [m7i], sizes: [large]}\n"),
        ("families: [g6e, g6, g5]", "families: []"),
        ("critical.example.com", "https://critical.example.com"),
        ("[198.51.100.0/24]", "[]"),
        ("[198.51.100.0/24]", "[everywhere]"),
        ("certificate/one", "cert/one"),
        ("image: gateway@sha256", "image: gateway:latest@sha256"),
        ("gateway:\n", "gateway:\n  replicas: {floor: 1}\n"),
        ("gateway:\n", "gateway:\n  poll: 15\n"),
        ("gateway:\n", "gateway:\n  oidc: {issuer: login.example.com, audience: us, keys_uri: https://a.example}\n"),
        ("gateway:\n", "functions: {architecture: amd64}\ngateway:\n"),
        ("kind: llm", "kind: llm\n    payloads: {sample: 101}"),
        ("kind: llm", "kind: llm\n    quotas: [{per: team, window: day, requests: 5}]"),
        ("kind: llm", "kind: llm\n    quotas: [{per: key, window: day, spend: 5}]"),
    ],
)
def test_the_schema_knows_the_forms_of_what_serves(committed: dict[str, Any], old: str, new: str):
    assert errors(committed, serving_document.GOOD) == []
    assert errors(committed, serving_document.changed((old, new)))
    assert problems(serving_document.changed((old, new)))
