"""An API server in this process that lists and watches what it is told to, over TLS as the real one does."""

import asyncio
import contextlib
import datetime
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.cluster.api import Access, Api

TOKEN = "a-token"


@dataclass
class AnsweringApi:
    """Objects by path and name, and the watches that are open."""

    objects: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)
    broken: bool = False
    version: int = 1
    _open: dict[str, list[web.StreamResponse]] = field(default_factory=dict)

    async def put(self, path: str, found: dict[str, Any]) -> None:
        """An object is there, or another one than before."""
        known = self.objects.setdefault(path, {})
        name = found["metadata"]["name"]
        kind = "MODIFIED" if name in known else "ADDED"
        known[name] = found
        await self._tell(path, {"type": kind, "object": found})

    async def delete(self, path: str, name: str) -> None:
        """It is gone."""
        await self._tell(path, {"type": "DELETED", "object": self.objects[path].pop(name)})

    async def expire(self, path: str) -> None:
        """What a watch has missed can't be told any more."""
        await self._tell(path, {"type": "ERROR", "object": {"kind": "Status", "code": 410, "metadata": {}}})

    async def watched(self, path: str) -> None:
        """Wait until somebody watches."""
        async with asyncio.timeout(5):
            while not self._open.get(path):
                await asyncio.sleep(0.001)

    async def _tell(self, path: str, change: dict[str, Any]) -> None:
        self.version += 1
        for response in self._open.get(path, ()):
            await response.write(json.dumps(change).encode() + b"\n")

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        if self.broken:
            return web.Response(status=503)
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401)
        if request.query.get("watch"):
            return await self._watch(request)
        found = list(self.objects.get(request.path, {}).values())
        begin, limit = int(request.query.get("continue", "0")), int(request.query["limit"])
        metadata: dict[str, str] = {"resourceVersion": str(self.version)}
        if begin + limit < len(found):
            metadata["continue"] = str(begin + limit)
        return web.json_response({"metadata": metadata, "items": found[begin : begin + limit]})

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        self._open.setdefault(request.path, []).append(response)
        try:
            await asyncio.Event().wait()
        finally:
            self._open[request.path].remove(response)
        return response


@contextlib.asynccontextmanager
async def answering(folder: Path) -> AsyncIterator[tuple[AnsweringApi, Api]]:
    """An API that is up, and a client of it as the gateway has one."""
    certificate, key = _certificate(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    (folder / "token").write_text(TOKEN + "\n")
    server = AnsweringApi()
    app = web.Application()
    app.router.add_get("/{path:.*}", server._answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    api = Api(Access(f"https://127.0.0.1:{runner.addresses[0][1]}", certificate, folder / "token"))
    try:
        yield server, api
    finally:
        await api.close()
        await runner.cleanup()


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "api")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, private = folder / "ca.crt", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip
    return certificate, private
