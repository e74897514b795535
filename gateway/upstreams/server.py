"""Asks one replica, and says what came of it: an answer that begins, or why there is none."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import lru_cache

import aiohttp
from yarl import URL

from gateway.protocols.asked import Asked
from gateway.upstreams.replicas import Replica

# A server on the same network that does not take a connection in this time does not take one.
CONNECT_SECONDS = 1.0
# A stream that says nothing for so long has ended without saying so.
SILENCE_SECONDS = 60.0
# What of a server's headers is passed on; the others are about its connection, or its own affair.
PASSED = ("content-type", "content-encoding", "inference-header-content-length", "retry-after")
# The server says that it can't, and another one may.
UNABLE = frozenset({429, 500, 502, 503, 504})


# Nobody was there to be asked, or was left alone on purpose, or there was no time left for it.
NOT_ASKED = frozenset({"no_replica", "no_slot", "breaker_open", "deadline"})


class FailedError(Exception):
    """No answer came, and the request may be asked elsewhere.

    Args:
        error_class: short, for events and metrics: `connect`, `timeout`, `http_503`, `broken`.
        status: what the client gets when nobody else answers.
    """

    def __init__(self, error_class: str, status: int) -> None:
        super().__init__(error_class)
        self.error_class, self.status = error_class, status

    @property
    def was_asked(self) -> bool:
        """Whether a server had to do with it, so that asking another one is a second time."""
        return self.error_class not in NOT_ASKED


@dataclass(slots=True)
class Begun:
    """An answer whose head is here; `pieces` are its body."""

    status: int
    headers: list[tuple[bytes, bytes]]
    response: aiohttp.ClientResponse

    async def whole(self, seconds: float) -> bytes:
        """The body, of an answer that is passed on only when it is complete.

        Raises:
            FailedError: it broke off, or took longer.
        """
        try:
            if self.response.content.is_eof():
                # Most answers come with their head, and need no clock.
                return await self.response.read()
            async with asyncio.timeout(seconds):
                return await self.response.read()
        except TimeoutError:
            raise FailedError("timeout", 504) from None
        except aiohttp.ClientError:
            raise FailedError("broken", 502) from None

    def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes."""
        return self.response.content.iter_any()

    def close(self) -> None:
        """Let the connection go: back to the others when the body was read, closed when not."""
        self.response.release()


@lru_cache(maxsize=4096)
def _url(address: str, path: str) -> URL:
    """Taken apart once for each server and not for each request."""
    return URL(f"http://{address}{path}", encoded=True)


class Servers:
    """The connections to all replicas."""

    def __init__(self) -> None:
        # Compressed answers are the clients' to unpack; cookies and redirects have no place between servers.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30, ttl_dns_cache=10),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=SILENCE_SECONDS),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept-Encoding", "Accept"),
            headers={"accept": "*/*"},
        )

    async def ask(self, replica: Replica, asked: Asked, headers: dict[str, str], seconds: float) -> Begun:
        """Ask, and wait for the head of the answer.

        Args:
            replica: whom.
            asked: what.
            headers: on top of those of the request.
            seconds: within which the answer has to begin.

        Raises:
            FailedError: it did not, or the server says that it can't.
        """
        try:
            async with asyncio.timeout(seconds):
                response = await self._session.request(
                    "POST",
                    _url(replica.address, asked.path),
                    data=asked.body,
                    headers={**asked.headers, **headers},
                    allow_redirects=False,
                )
        except TimeoutError:
            raise FailedError("timeout", 504) from None
        except aiohttp.ClientConnectorError:
            raise FailedError("connect", 502) from None
        except (aiohttp.ClientError, OSError):
            raise FailedError("broken", 502) from None
        if response.status in UNABLE:
            status = response.status
            response.release()
            raise FailedError(f"http_{status}", 503 if status in (429, 503) else 502)
        passed = [
            (name.encode(), value.encode("latin-1"))
            for name in PASSED
            if (value := response.headers.get(name)) is not None
        ]
        return Begun(response.status, passed, response)

    async def get(self, replica: Replica, path: str, seconds: float) -> tuple[int, bytes]:
        """Status and body of a small document, such as a model's metadata.

        Raises:
            FailedError: there is none.
        """
        try:
            async with asyncio.timeout(seconds), self._session.get(f"http://{replica.address}{path}") as response:
                return response.status, await response.read()
        except (TimeoutError, aiohttp.ClientError, OSError):
            raise FailedError("connect", 502) from None

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()
