"""The same server stack as the gateway's, and nothing but passing on: `bare.py PORT UPSTREAM_PORT`."""

import sys
from typing import Any

import aiohttp
import uvicorn


class Bare:
    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.session is None:
            self.session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0), auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
            )
        body = b""
        while True:
            message = await receive()
            body += message["body"]
            if not message.get("more_body"):
                break
        headers = {"content-type": "application/json"}
        async with self.session.post(f"{self.upstream}{scope['path']}", data=body, headers=headers) as response:
            answer = await response.read()
        head = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": response.status, "headers": head})
        await send({"type": "http.response.body", "body": answer})


if __name__ == "__main__":
    uvicorn.run(
        Bare(f"http://127.0.0.1:{sys.argv[2]}"), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning",
        access_log=False, lifespan="off",
    )  # fmt: skip
