"""A gateway where requests come, from an image that is there, on nodes that hold it, and nothing of the local cloud."""

from dataclasses import replace

import pytest

from stanchion.costs import unit_prices as prices
from stanchion.spec import gateway_rules, load_text
from tests.unit.spec.documents import problems
from tests.unit.spec.serving_document import GATEWAY, GOOD, changed, refused

IMAGE = f"image: gateway@sha256:{GATEWAY}"
BLOCK = f"gateway:\n  {IMAGE}\n"
LADDER = "ladder: [full, quantized, cached]"
LOCAL = ("cloud: aws", "cloud: local")
COMMAND = "local_command: [python, -m, gateway]"
PROVIDER = "oidc: {issuer: http://127.0.0.1:9000, audience: us, keys_uri: https://login.example.com/keys}"
SPEND = "quotas: [{per: key, window: day, requests: 9}, {per: use_case, window: month, spend: 500 USD}]"
WEBHOOK = "ladder: [full, human]\n    human: {webhook_hosts: [answers.example.com, localhost]}"


def test_endpoints_that_answer_need_a_gateway():
    refused(changed((BLOCK, "")), "endpoints", "nobody reaches 'assistant'", "add `gateway: {image: gateway@sha256:")


def test_endpoints_that_answer_nobody_need_none():
    start, end = GOOD.index("  assistant:\n"), GOOD.index("  nightly:\n")
    text = (GOOD[:start] + GOOD[end : GOOD.index("entry:")]).replace(BLOCK, "")
    assert problems(text) == ()
    assert load_text(text).gateway is None


@pytest.mark.parametrize(
    ("said", "key", "words"),
    [
        (f"{IMAGE}\n  {COMMAND}", "gateway.local_command", ("it is for the local cloud", "only with cloud: local")),
        (f"{IMAGE}\n  {PROVIDER}", "gateway.oidc.issuer", ("'http://127.0.0.1:9000' is not https", "could sign")),
        (f'{IMAGE}\n  cpu: "64"', "gateway.cpu", ("'64' is more than any node has", "allowed: up to 15890m")),
        (f"{IMAGE}\n  memory: 1TiB", "gateway.memory", ("'1TiB' is more than any node has", "with floor_per_zone")),
        (
            IMAGE.replace("gateway@", "gatway@"),
            "gateway.image",
            ("'gatway' is not a repository", "did you mean gateway?"),
        ),
    ],
)
def test_what_would_not_run_is_refused(said: str, key: str, words: tuple[str, ...]):
    refused(changed((IMAGE, said)), key, *words)


def test_an_image_of_another_registry_needs_no_repository():
    text = changed((IMAGE, IMAGE.replace("gateway@", "ghcr.io/example/gateway@")))
    found = load_text(text).gateway
    assert found is not None
    assert found.repository is None


@pytest.mark.parametrize("said", [COMMAND, PROVIDER])
def test_the_local_cloud_takes_what_runs_on_one_machine(said: str):
    assert problems(changed(LOCAL, (IMAGE, f"{IMAGE}\n  {said}"))) == ()


def test_answers_are_sent_to_this_machine_on_the_local_cloud_only():
    key = "endpoints.assistant.human.webhook_hosts[1]"
    assert problems(changed(LOCAL, (LADDER, WEBHOOK), ("{floor: 1, rung: quantized}", "{floor: 1}"))) == ()
    text = changed((LADDER, WEBHOOK), ("{floor: 1, rung: quantized}", "{floor: 1}"))
    refused(text, key, "'localhost' is the gateway itself", "only with cloud: local")


def test_spend_is_limited_where_prices_are_known(monkeypatch: pytest.MonkeyPatch):
    text = changed((LADDER, f"{LADDER}\n    {SPEND}"))
    assert problems(text) == ()
    # A list that has no prices of the standby region: nothing would be counted there, and nobody refused.
    known = replace(prices.unit_prices(), regions=frozenset({"us-east-1"}))
    monkeypatch.setattr(gateway_rules, "unit_prices", lambda: known)
    refused(
        text,
        "endpoints.assistant.quotas[1].spend",
        "no price is known of the nodes of pool 'gpu' in us-west-2",
        "spend in us-east-1",
        "write requests: or tokens:",
    )
