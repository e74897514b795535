"""Takes tokens of an OpenID provider: signed by one of its published keys, for this audience, and not yet over.

Only signatures by a private key are taken (RS256, ES256): with a symmetric algorithm the published key would be enough
to sign, and `none` needs none. The team and the use case are claims of the token, its `sub` is the user.
"""

import asyncio
import http.client
import logging
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import jwt

from gateway.keys.caller import Caller
from gateway.keys.refused import CantTellError, ForbiddenError, UnauthenticatedError
from stanchion.errors import StanchionError
from stanchion.serving.gateway_configuration import Oidc

log = logging.getLogger(__name__)
ALGORITHMS = ("RS256", "ES256")
# Clocks of the provider and of this machine may differ by so much.
LEEWAY_SECONDS = 30.0
# A key set of some dozen keys has some ten kB.
_LARGEST_KEYS = 256 * 1024
_LONGEST_CLAIM = 128
_CANT_TELL = "the keys of the OpenID provider can't be asked for now; the request is good for another try."
# The text of a key set. May raise anything.
Fetch = Callable[[], bytes]


@dataclass(slots=True)
class _KeySet:
    keys: dict[str, jwt.PyJWK]
    read_at: float


class Tokens:
    """Authenticates by token.

    Args:
        oidc: whose tokens are taken.
        fetch: gives the provider's key set; over HTTPS from where the configuration says when None.
        keep_seconds: after which the key set is asked for again, beside the requests.
        gone_seconds: for which a key set is gone by while the provider does not answer.
        pause_seconds: between two questions for a key that the set does not have: made up ones ask no provider away.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        oidc: Oidc,
        fetch: Fetch | None = None,
        *,
        keep_seconds: float = 900.0,
        gone_seconds: float = 12 * 3600.0,
        pause_seconds: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._oidc, self._fetch = oidc, fetch or published_keys(oidc.keys_uri)
        self._keep, self._gone, self._pause, self._clock = keep_seconds, gone_seconds, pause_seconds, clock
        self._set: _KeySet | None = None
        self._asked_at: float | None = None
        self._asking: asyncio.Task[None] | None = None

    async def authenticate(self, token: str) -> Caller:
        """Whose token it is.

        Raises:
            UnauthenticatedError: not signed by the provider, for somebody else, over, or with another algorithm.
            ForbiddenError: good, and without a team or a use case.
            CantTellError: the provider's keys are not known and can't be asked for.
        """
        try:
            said = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            raise UnauthenticatedError("what was presented is neither a key nor a token.") from None
        if said.get("alg") not in ALGORITHMS:
            raise UnauthenticatedError(f"the token is not signed with one of {', '.join(ALGORITHMS)}.")
        key_id = said.get("kid")
        if not isinstance(key_id, str) or not key_id:
            raise UnauthenticatedError("the token does not say which key signed it ('kid').")
        key = await self._key(key_id)
        if key is None:
            raise UnauthenticatedError("the token is signed by a key that the OpenID provider does not publish.")
        try:
            claims = jwt.decode(
                token, key, algorithms=list(ALGORITHMS), issuer=self._oidc.issuer, audience=self._oidc.audience,
                leeway=LEEWAY_SECONDS, options={"require": ["exp", "iss", "aud", "sub"]},
            )  # fmt: skip
        except jwt.ExpiredSignatureError:
            raise UnauthenticatedError("the token has expired; get a new one.") from None
        except (jwt.InvalidAudienceError, jwt.InvalidIssuerError):
            raise UnauthenticatedError("the token is of another issuer or for another audience.") from None
        except jwt.InvalidTokenError as error:
            raise UnauthenticatedError(f"the token is not good ({type(error).__name__}).") from None
        team, use_case = (_named(claims, name) for name in (self._oidc.team_claim, self._oidc.use_case_claim))
        return Caller(f"oidc-{team}", team, use_case, claims["sub"], user_proven=True)

    async def _key(self, key_id: str) -> jwt.PyJWK | None:
        held, now = self._set, self._clock()
        if held is None or now - held.read_at >= self._gone:
            await self._ask()
            held = self._set
            if held is None or self._clock() - held.read_at >= self._gone:
                raise CantTellError(_CANT_TELL)
        elif key_id not in held.keys:
            # The provider may have begun to sign with a new one.
            await self._ask()
            held = self._set or held
        elif now - held.read_at >= self._keep:
            self._start()
        return held.keys.get(key_id)

    async def _ask(self) -> None:
        """Ask, unless that was only just done; one question for all who wait."""
        task = self._start()
        if task is not None:
            await asyncio.wait((task,))

    def _start(self) -> asyncio.Task[None] | None:
        if self._asking is not None and not self._asking.done():
            return self._asking
        now = self._clock()
        if self._asked_at is not None and now - self._asked_at < self._pause:
            return None
        self._asked_at = now
        self._asking = asyncio.create_task(self._read())
        return self._asking

    async def _read(self) -> None:
        asked_at = self._clock()
        try:
            found = jwt.PyJWKSet.from_json((await asyncio.to_thread(self._fetch)).decode())
        # Whatever goes wrong with asking, the keys there are go on for their time.
        except Exception as error:
            log.warning("the keys of the OpenID provider can't be asked for: %s", type(error).__name__)
            return
        keys = {
            key.key_id: key
            for key in found.keys
            if key.key_id and key.algorithm_name in ALGORITHMS and key.public_key_use in (None, "sig")
        }
        self._set = _KeySet(keys, asked_at)


def published_keys(uri: str, seconds: float = 3.0) -> Fetch:
    """Asks for a key set where it is published; redirects are not followed.

    Args:
        uri: `https://...`; `http://` is taken on the loopback only.
        seconds: for each step of the connection.

    Raises:
        StanchionError: it is no such address.
    """
    parts = urlsplit(uri)
    loopback = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and loopback)):
        raise StanchionError(
            f"the keys of the OpenID provider are at '{uri}'; allowed: an https address, such as "
            "https://issuer.example/.well-known/jwks.json."
        )
    host, port = parts.hostname, parts.port
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def fetch() -> bytes:
        connection = (
            http.client.HTTPConnection(host, port, timeout=seconds)
            if parts.scheme == "http"
            else http.client.HTTPSConnection(host, port, timeout=seconds, context=ssl.create_default_context())
        )
        try:
            connection.request("GET", path, headers={"accept": "application/json"})
            answer = connection.getresponse()
            text = answer.read(_LARGEST_KEYS + 1)
        finally:
            connection.close()
        if answer.status != 200 or len(text) > _LARGEST_KEYS:
            raise OSError(f"the key set came with status {answer.status} and {len(text)} bytes")
        return text

    return fetch


def _named(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_CLAIM:
        raise ForbiddenError(
            f"the token has no claim '{name}' of 1 to {_LONGEST_CLAIM} letters; ask the OpenID provider to add it."
        )
    return value
