"""The Kubernetes API, asked directly: a client for all kinds would take more memory than the gateway."""

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

# Names the folder with token and authority, where that is not what a kubelet mounts.
ACCOUNT = "STANCHION_SERVICE_ACCOUNT"
_MOUNTED = "/var/run/secrets/kubernetes.io/serviceaccount"
_LARGEST_LINE = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Access:
    """Where the API is, and as whom it is asked.

    Args:
        url: of the API server.
        authority: file with the certificates of its authority.
        token: file with the token, which is renewed by Kubernetes and so read for each question.
    """

    url: str
    authority: Path
    token: Path

    @classmethod
    def of_pod(cls, variables: Mapping[str, str] = os.environ) -> "Access | None":
        """That of the pod this runs in; None outside of a cluster."""
        account = Path(variables.get(ACCOUNT) or _MOUNTED)
        host, port = variables.get("KUBERNETES_SERVICE_HOST"), variables.get("KUBERNETES_SERVICE_PORT")
        token = account / "token"
        if not host or not port or not token.is_file():
            return None
        return cls(f"https://{host}:{port}", account / "ca.crt", token)


@dataclass(slots=True)
class Api:
    """Connections to the API, for all who watch something; has to be made with an event loop running.

    Args:
        access: to it.
    """

    access: Access
    _session: aiohttp.ClientSession = field(init=False)

    def __post_init__(self) -> None:
        context = ssl.create_default_context(cafile=str(self.access.authority))
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context), read_bufsize=_LARGEST_LINE)

    def get(self, path: str, asked: Mapping[str, str], accept: str, seconds: float, *, whole: bool = True) -> Any:
        """An answer to read from, as a context; a status that is no success raises.

        Args:
            path: with its slash.
            asked: the query.
            accept: the form of the answer.
            seconds: for all of it, or between two of its parts.
            whole: whether `seconds` are for all of it.
        """
        timeout = aiohttp.ClientTimeout(total=seconds) if whole else aiohttp.ClientTimeout(sock_read=seconds)
        token = self.access.token.read_text(encoding="utf-8").strip()
        return self._session.get(
            f"{self.access.url}{path}", params=asked, timeout=timeout, raise_for_status=True,
            headers={"authorization": f"Bearer {token}", "accept": accept},
        )  # fmt: skip

    async def close(self) -> None:
        """Close them."""
        await self._session.close()
