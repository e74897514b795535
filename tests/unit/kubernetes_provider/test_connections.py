import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.plane_folder import SERVER, PlaneFolder
from sandbox.kubernetes_provider.connections import KeptApi


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    ports: list[int] = []
    closing = False

    def do_GET(self) -> None:
        self.ports.append(self.client_address[1])
        body = b'{"kind": "ConfigMap"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if self.path == "/polite":
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        # Without a word, as a server does that ends or forgets idle clients.
        self.close_connection = self.path in ("/rude", "/polite")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def api(tmp_path: Path) -> Iterator[KeptApi]:
    folder = PlaneFolder(tmp_path / "plane")
    folder.create("us-east-1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder.authority.certificate_of(SERVER), folder.authority.key_of(SERVER))
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    Handler.ports.clear()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    trusting = ssl.create_default_context(cafile=str(folder.authority.certificate))
    yield KeptApi("127.0.0.1", server.server_address[1], trusting, "token")
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_connection_is_used_again(api: KeptApi):
    for _ in range(3):
        assert api.get("/x") == {"kind": "ConfigMap"}
    assert len(set(Handler.ports)) == 1


@pytest.mark.parametrize("path", ["/rude", "/polite"])
def test_one_that_the_server_closed_is_replaced(api: KeptApi, path: str):
    for _ in range(3):
        assert api.get(path) == {"kind": "ConfigMap"}
    assert len(set(Handler.ports)) == 3


def test_one_that_was_idle_for_long_is_not_used_again(api: KeptApi, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sandbox.kubernetes_provider.connections._IDLE_SECONDS", 0)
    for _ in range(2):
        api.get("/x")
    assert len(set(Handler.ports)) == 2


def test_nobody_listens(api: KeptApi):
    lost = KeptApi(api.host, 1, api.tls, "token")
    with pytest.raises(ApiError, match="does not answer"):
        lost.get("/x")
