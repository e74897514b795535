import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from gateway.keys.key_ring import KeyRing
from gateway.keys.refused import CantTellError, ForbiddenError, UnauthenticatedError
from gateway.keys.tokens import Tokens, published_keys
from stanchion.errors import StanchionError
from stanchion.serving.gateway_configuration import Oidc

OIDC = Oidc(issuer="https://issuer.example", audience="stanchion", keys_uri="https://issuer.example/keys")
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())


def published(**keys: Any) -> bytes:
    found = []
    for name, key in keys.items():
        algorithm: Any = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
        found.append({**json.loads(algorithm.to_jwk(key.public_key())), "kid": name, "use": "sig"})
    return json.dumps({"keys": found}).encode()


@dataclass
class Provider:
    keys: bytes = field(default_factory=lambda: published(one=RSA, two=EC))
    asked: int = 0
    gone: bool = False

    def __call__(self) -> bytes:
        self.asked += 1
        if self.gone:
            raise ConnectionError
        return self.keys


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def token(key: Any = EC, kid: str | None = "two", algorithm: str = "ES256", **claims: Any) -> str:
    said = {
        "iss": OIDC.issuer, "aud": OIDC.audience, "exp": time.time() + 86400, "sub": "ann", "team": "forms",
        "use_case": "reading", **claims,
    }  # fmt: skip
    said = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(said, key, algorithm, headers={"kid": kid} if kid else None)


def run(scenario: Callable[[Provider, Clock, Tokens], Awaitable[None]]) -> None:
    async def scene() -> None:
        provider, clock = Provider(), Clock()
        await scenario(provider, clock, Tokens(OIDC, provider, clock=clock))

    asyncio.run(scene())


def test_a_good_token_is_a_caller() -> None:
    async def scenario(provider: Provider, clock: Clock, tokens: Tokens) -> None:
        for text in (token(), token(RSA, "one", "RS256"), token(aud=["other", "stanchion"])):
            caller = await tokens.authenticate(text)
            assert (caller.key_id, caller.team, caller.use_case, caller.user) == (
                "oidc-forms",
                "forms",
                "reading",
                "ann",
            )
            assert caller.user_proven
        assert provider.asked == 1

    run(scenario)


NOBODY: Any = None
UNSIGNED = jwt.encode({"sub": "ann"}, NOBODY, "none", headers={"kid": "two"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (token(exp=time.time() - 60), "has expired"),
        (token(exp=None), "MissingRequiredClaimError"),
        (token(sub=None), "MissingRequiredClaimError"),
        (token(iss="https://other.example"), "another issuer"),
        (token(aud="other"), "another audience"),
        (token(nbf=time.time() + 86400), "ImmatureSignatureError"),
        (token(OTHER), "InvalidSignatureError"),
        (token(kid=None), "which key signed it"),
        (token("secret" * 8, algorithm="HS256"), "not signed with one of RS256, ES256"),
        (token(RSA, "one", "PS256"), "not signed with one of RS256, ES256"),
        (token(RSA, "two", "RS256"), "is not good"),
        (UNSIGNED, "not signed with one of"),
        ("a.b.c", "neither a key nor a token"),
    ],
)  # fmt: skip
def test_others_are_refused_with_a_reason(text: str, said: str) -> None:
    async def scenario(provider: Provider, clock: Clock, tokens: Tokens) -> None:
        with pytest.raises(UnauthenticatedError, match=said) as error:
            await tokens.authenticate(text)
        assert text not in error.value.message

    run(scenario)


def test_the_published_key_can_not_be_used_to_sign() -> None:
    """Who signs with HS256 and the public key as the secret would pass where the algorithm is the token's choice."""

    async def scenario(provider: Provider, clock: Clock, tokens: Tokens) -> None:
        provider.keys = json.dumps(
            {"keys": [{"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "kid": "two", "alg": "HS256"}]}
        ).encode()
        for algorithm in ("HS256", "ES256"):
            with pytest.raises((UnauthenticatedError, CantTellError)):
                await tokens.authenticate(
                    token("secretsecretsecretsecret" * 2, algorithm="HS256") if algorithm == "HS256" else token()
                )

    run(scenario)


@pytest.mark.parametrize("claim", ["team", "use_case"])
@pytest.mark.parametrize("value", [None, "", 7, ["forms"], "x" * 129])
def test_who_names_no_team_or_use_case_is_known_and_not_let_in(claim: str, value: Any) -> None:
    async def scenario(provider: Provider, clock: Clock, tokens: Tokens) -> None:
        with pytest.raises(ForbiddenError, match=f"no claim '{claim}'"):
            await tokens.authenticate(token(**{claim: value}))

    run(scenario)


def test_a_new_key_is_asked_for_and_made_up_ones_only_now_and_then() -> None:
    async def scenario(provider: Provider, clock: Clock, tokens: Tokens) -> None:
        await tokens.authenticate(token())
        provider.keys = published(three=OTHER, two=EC)
        clock.now += 31
        caller = await tokens.authenticate(token(OTHER, "three"))
        assert caller.team == "forms"
        assert provider.asked == 2
        for number in range(50):
            with pytest.raises(UnauthenticatedError, match="does not publish"):
                await tokens.authenticate(token(OTHER, f"made-up-{number}"))
        assert provider.asked == 2
        # Those there were and are no longer published are refused.
        with pytest.raises(UnauthenticatedError, match="does not publish"):
            await tokens.authenticate(token(RSA, "one", "RS256"))

    run(scenario)


def test_without_the_provider_its_keys_go_on_for_a_time() -> None:
    async def scenario(provider: Provider, clock: Clock, tokens: Tokens) -> None:
        provider.gone = True
        with pytest.raises(CantTellError):
            await tokens.authenticate(token())
        with pytest.raises(CantTellError):
            await tokens.authenticate(token())
        assert provider.asked == 1
        provider.gone = False
        clock.now += 31
        await tokens.authenticate(token())
        provider.gone = True
        clock.now += 11 * 3600
        await tokens.authenticate(token())
        clock.now += 3600
        with pytest.raises(CantTellError):
            await tokens.authenticate(token())

    run(scenario)


def test_the_ring_takes_both() -> None:
    async def scenario(provider: Provider, clock: Clock, tokens: Tokens) -> None:
        ring = KeyRing(None, "keys", tokens=tokens)
        caller = await ring.authenticate({b"authorization": b"Bearer " + token().encode(), b"x-stanchion-user": b"bob"})
        assert caller.user == "ann"
        await ring.close()

    run(scenario)


class _Keys(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("location", "/keys")
            self.end_headers()
            return
        body = published(two=EC) if self.path == "/keys" else b"x" * 300_000
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        return


def test_keys_are_asked_for_where_they_are_published() -> None:
    server = HTTPServer(("127.0.0.1", 0), _Keys)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    at = f"http://127.0.0.1:{server.server_port}"
    try:
        assert json.loads(published_keys(f"{at}/keys")())["keys"][0]["kid"] == "two"
        for path in ("/moved", "/large"):
            with pytest.raises(OSError, match="the key set came with status"):
                published_keys(at + path)()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    for uri in ("http://issuer.example/keys", "file:///etc/passwd", "issuer.example/keys"):
        with pytest.raises(StanchionError, match="allowed: an https address"):
            published_keys(uri)
