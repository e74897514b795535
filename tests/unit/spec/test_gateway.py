"""The gateway: how many there are, what each takes, and whose tokens it takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.costs.unit_prices import unit_prices
from stanchion.spec import Gateway, GatewayReplicas, Size, load_text
from tests.unit.spec.serving_document import GATEWAY, GOOD, changed, refused

IMAGE = f"image: gateway@sha256:{GATEWAY}"
OIDC = "issuer: https://login.example.com, audience: stanchion, keys_uri: https://login.example.com/keys"


def with_gateway(said: str) -> str:
    return changed((IMAGE, f"{IMAGE}\n  {said}"))


def gateway(text: str) -> Gateway:
    found = load_text(text).gateway
    assert found is not None
    return found


def test_an_image_is_enough():
    found = gateway(GOOD)
    assert (found.repository, found.digest) == ("gateway", f"sha256:{GATEWAY}")
    assert (found.replicas.floor, found.replicas.max) == (2, 10)
    assert (str(found.cpu), str(found.memory), str(found.image_size)) == ("1", "512MiB", "250MiB")
    assert (found.concurrency, found.largest_body.bytes, found.largest_headers.bytes) == (256, 4 * 1024**2, 32 * 1024)
    assert found.poll.seconds == 15
    assert (found.cache.largest.gib, found.cache.work_units) == (5, 20_000)
    assert (found.prices, found.oidc, found.local_command) == (None, None, None)


def test_what_is_said_is_taken():
    version = unit_prices().version
    found = gateway(with_gateway(f'prices: "{version}"\n  poll: 1m\n  oidc: {{{OIDC}, team_claim: groups/team}}'))
    assert (found.prices, found.poll.seconds) == (version, 60)
    assert found.oidc is not None
    assert (found.oidc.issuer, found.oidc.team_claim) == ("https://login.example.com", "groups/team")
    assert found.oidc.use_case_claim == "use_case"


@pytest.mark.parametrize(
    ("said", "key", "words"),
    [
        ("replicas: {floor: 1}", "replicas.floor", ("'1' alone stops everything when its node goes", "2 to 100")),
        ("replicas: {floor: 0}", "replicas.floor", ("'0' is too few",)),
        ("replicas: {floor: true}", "replicas.floor", ("'True' is not a whole number",)),
        ("replicas: {floor: 101}", "replicas.floor", ("'101' is too many",)),
        ("replicas: {floor: 12}", "replicas.max", ("'10' is under floor: 12", "allowed: 12 or more")),
        ("replicas: {floor: 4, max: 3}", "replicas.max", ("'3' is under floor: 4", "a smaller floor")),
        ("cpu: 1", "cpu", ('write "1"',)),
        ("memory: 512", "memory", ("it has no unit",)),
        ("concurrency: 0", "concurrency", ("'0' is too few",)),
        ("largest_body: 129MiB", "largest_body", ("too large for a gateway of memory: 512MiB", "write 131072KiB")),
        ("largest_headers: 1MiB", "largest_headers", ("'1MiB' is more than load balancers hand on", "up to 64KiB")),
        ("poll: 5s", "poll", ("'5s' is not an interval that AppConfig takes", "15s to 1d", "write 15s")),
        ("traces: collector:4318", "traces", ("'collector:4318'", "the address of a collector, such as http://")),
        ("poll: 2d", "poll", ("'2d' is not an interval", "write 1d")),
        ('prices: "2020-01-01"', "prices", ("'2020-01-01' is not a version of the unit prices", unit_prices().version)),
        ("cache: {largest: 500MiB}", "cache.largest", ("'500MiB' is not a limit that ElastiCache has", "write 1GiB")),
        ("cache: {largest: 1025MiB}", "cache.largest", ("whole GiB", "write 2GiB")),
        ("cache: {largest: 6TiB}", "cache.largest", ("1GiB to 5000GiB", "write 5000GiB")),
        ("cache: {work_units: 999}", "cache.work_units", ("'999' is too few", "1000 to 15000000 work units")),
        ("local_command: []", "local_command", ("it has no word",)),
        ("replica: {}", "replica", ("did you mean replicas?",)),
        (
            f"oidc: {{{OIDC.replace('https://login.example.com,', 'http://login.example.com,')}}}",
            "oidc.issuer",
            ("'http://login.example.com' is not of the form", "an address of https"),
        ),
        (
            f"oidc: {{{OIDC.replace('/keys', '/the keys')}}}",
            "oidc.keys_uri",
            ("'https://login.example.com/the keys' is not of the form",),
        ),
        (f"oidc: {{{OIDC.replace('stanchion', '')}}}", "oidc.audience", ("it has no value",)),
        (f"oidc: {{{OIDC}, team_claim: my team}}", "oidc.team_claim", ("'my team' is not of the form",)),
        ("oidc: {issuer: https://login.example.com, audience: us}", "oidc.keys_uri", ("the key is missing",)),
    ],
)
def test_what_a_gateway_could_not_keep_is_refused(said: str, key: str, words: tuple[str, ...]):
    refused(with_gateway(said), f"gateway.{key}", *words)


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("gateway:latest", ("'gateway:latest' has no digest",)),
        (f"gateway@sha256:{GATEWAY[1:]}", ("is not of the form", "64 digits")),
    ],
)
def test_an_image_without_a_digest_is_refused(reference: str, words: tuple[str, ...]):
    refused(changed((IMAGE, f"image: {reference}")), "gateway.image", *words)


@given(st.integers(2, 100), st.integers(2, 1000))
def test_the_most_is_never_under_the_floor(floor: int, most: int):
    said = {"floor": floor, "max": most}
    if floor <= most:
        assert GatewayReplicas.model_validate(said).max == most
    else:
        with pytest.raises(ValueError, match="is under floor"):
            GatewayReplicas.model_validate(said)


@given(st.integers(1, 1024), st.integers(1, 1024))
def test_four_of_the_largest_bodies_fit_into_the_memory(memory: int, body: int):
    said = {
        "image": f"gateway@sha256:{GATEWAY}", "memory": f"{memory}MiB", "largest_body": f"{body}MiB",
    }  # fmt: skip
    if 4 * body <= memory:
        assert Gateway.model_validate(said).largest_body == Size.parse(f"{body}MiB")
    else:
        with pytest.raises(ValueError, match="up to a quarter of the memory") as error:
            Gateway.model_validate(said)
        # What is proposed would be taken.
        proposed = str(error.value).split("fix: write ")[1].split(" or less")[0]
        assert Gateway.model_validate({**said, "largest_body": proposed}).largest_body < Size.parse(f"{body}MiB")


@pytest.mark.parametrize(
    ("traces", "port"),
    [
        ("http://collector.observability.svc:4318", 4318),
        ("https://traces.example.com/otlp", 443),
        ("http://collector.observability.svc", 80),
    ],
)
def test_the_port_of_a_collector_is_what_its_address_says(traces: str, port: int):
    assert gateway(with_gateway(f"traces: {traces}")).traces_port == port
    assert gateway(with_gateway("poll: 15s")).traces_port is None
