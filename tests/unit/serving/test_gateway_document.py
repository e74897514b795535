"""What the document says of a gateway is what a gateway is told, once an update has said the rest."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.costs.unit_prices import unit_prices
from stanchion.errors import StanchionError
from stanchion.serving.gateway_configuration import GatewayConfiguration
from stanchion.serving.gateway_document import gateway_document
from stanchion.serving.regional import served_in
from stanchion.spec import Environment, load_environment, load_text
from tests.unit.spec.documents import GOOD as FOUNDATION
from tests.unit.spec.serving_document import GATEWAY, changed

# What only an update makes known.
REST: dict[str, Any] = {
    "event_stream": "prod-events",
    "ticket_queue": "https://sqs.us-east-1.amazonaws.com/111122223333/prod-tickets",
    "cache_address": "cache.example:6379",
    "hash_key": "prod/hash-keys",
}
IMAGE = f"image: gateway@sha256:{GATEWAY}"
LADDER = "ladder: [full, quantized, cached]"
EVERYTHING = changed(
    (
        LADDER,
        """ladder: [full, quantized, cached, human]
    deadline: 85s
    rung_timeout: 1500ms
    cache: {fresh: 5m, stale: 2h, shared: true, largest: 64KiB}
    human: {answer_within: 2h, keep: 10d, webhook_hosts: [answers.example.com]}
    quotas:
      - {per: key, window: minute, requests: 600, warn_at: 75}
      - {per: user, window: day, tokens: 7, warn_at: 50}
      - {per: use_case, window: month, spend: 0.25 USD}
    without_counters: refuse
    payloads: {sample: 12.5, largest: 2KiB, drop: [email], hash: [name, user id]}""",
    ),
    ("capacity: {floor: 1, max: 6}", "capacity: {floor: 1, max: 6, scale_to_zero: true}"),
    (
        IMAGE,
        f"""{IMAGE}
  image_size: 300MiB
  replicas: {{floor: 3, max: 20}}
  cpu: "2"
  memory: 1GiB
  concurrency: 500
  largest_body: 8MiB
  largest_headers: 16KiB
  poll: 1m
  prices: "{unit_prices().version}"
  cache: {{largest: 10GiB, work_units: 50000}}
  oidc:
    issuer: https://login.example.com
    audience: stanchion
    keys_uri: https://login.example.com/keys
    team_claim: groups
    use_case_claim: purpose
functions: {{architecture: x86_64, log_retention: 7d}}""",
    ),
)


def told(spec: Environment, region: str) -> GatewayConfiguration:
    """The configuration, through JSON, as a gateway reads it."""
    text = json.dumps({**gateway_document(spec, region), **REST})
    return GatewayConfiguration.model_validate_json(text)


@pytest.mark.parametrize("name", ["local", "example"])
def test_the_environments_of_this_repository_configure_their_gateways(name: str):
    spec = load_environment(name)
    for region in spec.regions.both:
        found = told(spec, region)
        assert (found.environment, found.region, found.account) == (name, region, spec.accounts.workload)
        assert set(found.endpoints) == set(spec.online_endpoints)
        assert found.tiers[-1] == list(spec.tiers)[-1]
        for endpoint in found.endpoints.values():
            assert endpoint.variants, "a region in which nothing runs"


def test_everything_that_can_be_said_arrives():
    spec = load_text(EVERYTHING)
    found = told(spec, "us-east-1")
    assistant = found.endpoints["assistant"].model_dump(mode="json")
    variants = assistant.pop("variants")
    assert assistant == {
        "kind": "llm",
        "tier": "critical",
        "use_case": "customer-support",
        "model": "support-llm",
        "ladder": ["full", "quantized", "cached", "human"],
        "scale_to_zero": False,
        "deadline_seconds": 85.0,
        "rung_seconds": 1.5,
        "cache": {"fresh_seconds": 300, "stale_seconds": 7200, "shared": True, "largest_bytes": 65536},
        "human": {"answer_seconds": 7200, "keep_seconds": 864_000, "webhook_hosts": ["answers.example.com"]},
        "quotas": [
            {"scope": "key", "unit": "requests", "window": "minute", "soft": 450.0, "hard": 600.0},
            {"scope": "user", "unit": "tokens", "window": "day", "soft": 4.0, "hard": 7.0},
            {"scope": "use_case", "unit": "usd", "window": "month", "soft": None, "hard": 0.25},
        ],
        "without_counters": "refuse",
        "payloads": {"sample": 0.125, "largest_bytes": 2048, "drop": ["email"], "hash": ["name", "user id"]},
    }
    assert {name: (each["concurrency"], each["pool"]) for name, each in variants.items()} == {
        "full": (16, "gpu"), "quantized": (32, "gpu"),
    }  # fmt: skip
    assert variants["full"]["hosts"] == {
        "blue": "assistant-full-blue.endpoints.svc:8000",
        "green": "assistant-full-green.endpoints.svc:8000",
    }
    churn = found.endpoints["churn-risk"]
    assert churn.variants["full"].hosts["green"] == "churn-risk-full-green.endpoints.svc:8080"
    assert (churn.scale_to_zero, churn.cache, churn.human, churn.quotas) == (True, None, None, ())
    assert found.limits.model_dump(exclude={"body_seconds", "idle_seconds"}) == {
        "body_bytes": 8 * 1024**2, "header_bytes": 16 * 1024, "concurrency": 500,
    }  # fmt: skip
    assert found.routing.model_dump() == {
        "application": "prod-routing", "environment": "us-east-1", "profile": "routing", "poll_seconds": 60.0,
    }  # fmt: skip
    assert (found.key_table, found.quota_table, found.ticket_table) == ("prod-keys", "prod-quotas", "prod-tickets")
    assert found.tiers == ("critical", "standard", "batch")
    assert (found.price_version, found.namespace) == (unit_prices().version, "endpoints")
    assert found.oidc is not None
    assert found.oidc.model_dump() == {
        "issuer": "https://login.example.com",
        "audience": "stanchion",
        "keys_uri": "https://login.example.com/keys",
        "team_claim": "groups",
        "use_case_claim": "purpose",
    }


def test_only_what_an_update_makes_known_is_left_open():
    document = gateway_document(load_text(EVERYTHING), "us-east-1")
    # `peers` is the cluster's, not the document's; the form's version is the model's own.
    assert set(GatewayConfiguration.model_fields) - set(document) == {*REST, "peers", "schema_version"}


def test_a_region_has_the_variants_that_it_runs():
    spec = load_text(EVERYTHING)
    for region in spec.regions.both:
        found = {(name, rung) for name, each in told(spec, region).endpoints.items() for rung in each.variants}
        assert found == {(name, each.variant) for name, _, _, each in served_in(spec, region)}
    # The ladder is the endpoint's everywhere: what does not run there falls to the next rung.
    assert told(spec, "us-west-2").endpoints["assistant"].ladder == ("full", "quantized", "cached", "human")


def test_a_replica_costs_its_share_of_the_node_that_costs_least():
    found = told(load_text(changed()), "us-east-1").endpoints
    # One accelerator: all of a g6.2xlarge but one of its eight, whose GPU alone is the whole node's.
    assert found["assistant"].variants["full"].usd_per_hour == pytest.approx(0.9776)
    # 3 GiB of the 13,079 MiB that pods have of an m6a.xlarge, which are more than 1 of its 3.92 vCPUs.
    price = found["churn-risk"].variants["full"].usd_per_hour
    assert price is not None
    assert 0.1728 / 4 < price < 0.1728 / 3.5


def test_a_price_that_nobody_knows_stays_unknown():
    text = changed(
        ("primary: us-east-1", "primary: eu-central-1"), ("acm:us-east-1:", "acm:eu-central-1:"),
    )  # fmt: skip
    spec = load_text(text)
    assert {each.usd_per_hour for each in told(spec, "eu-central-1").endpoints["assistant"].variants.values()} == {None}
    assert None not in {each.usd_per_hour for each in told(spec, "us-west-2").endpoints["assistant"].variants.values()}


def test_a_document_without_a_gateway_has_nothing_to_say():
    with pytest.raises(StanchionError, match="nothing under `gateway:`; add it"):
        gateway_document(load_text(FOUNDATION), "us-east-1")
    with pytest.raises(StanchionError, match="nothing under `capacity:`"):
        gateway_document(load_text(f"{FOUNDATION}gateway: {{{IMAGE}}}\n"), "us-east-1")
    with pytest.raises(KeyError):
        gateway_document(load_text(EVERYTHING), "us-east-2")


@given(st.integers(1, 85), st.integers(1, 85_000))
def test_no_rung_has_longer_than_the_request(deadline: int, rung: int):
    text = changed((LADDER, f"{LADDER}\n    deadline: {deadline}s\n    rung_timeout: {min(rung, deadline * 1000)}ms"))
    found = told(load_text(text), "us-east-1").endpoints["assistant"]
    assert 0 < found.rung_seconds <= found.deadline_seconds == deadline
