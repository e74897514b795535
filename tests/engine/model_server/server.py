"""Serves the model by the standard library alone: `server.py ADDRESS PORT WEIGHTS [SECONDS_TO_LOAD]`.

It answers Open Inference Protocol requests, is ready once its weights are loaded, and on SIGTERM finishes what it has.
`POST /fault/live` and `/fault/ready` make its health checks fail.
"""

import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

weights: list[list[float]] = []
faults: set[str] = set()


class Handler(BaseHTTPRequestHandler):
    # The answer has a length, so that a client sees one that was cut off.
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        if self.path == "/v2/health/live":
            self.answer(500 if "live" in faults else 200, {})
        elif self.path == "/v2/health/ready":
            self.answer(503 if "ready" in faults or not weights else 200, {})
        elif self.path == "/who":
            told = {"pod": os.environ["HOSTNAME"], "pid": os.getpid()}
            told |= {
                name: os.environ[name] for name in ("POD_IP", "SLOT", "STANCHION_POD_ADDRESS") if name in os.environ
            }
            self.answer(200, told)
        else:
            self.answer(404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/fault/"):
            faults.symmetric_difference_update({self.path.rpartition("/")[2]})
            self.answer(200, {})
            return
        if not weights:
            self.answer(503, {"error": "no weights yet"})
            return
        asked = json.loads(body)
        # What a larger model would take.
        time.sleep(asked.get("parameters", {}).get("seconds", 0))
        rows = asked["inputs"][0]["data"]
        scores = [[row[0] * x + row[1] * y + row[2] for row in weights] for x, y in rows]
        families = ["cmr"[each.index(max(each))] for each in scores]
        output = {"name": "family", "datatype": "BYTES", "shape": [len(families)], "data": families}
        self.answer(200, {"model_name": "family", "id": os.environ["HOSTNAME"], "outputs": [output]})

    def answer(self, status: int, document: object) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        print(self.path, *args, flush=True)


class Server(ThreadingHTTPServer):
    # Closing it waits for the requests it has.
    daemon_threads = False
    block_on_close = True
    request_queue_size = 128


def load(file: str, seconds: float) -> None:
    time.sleep(seconds)
    weights.extend(json.loads(Path(file).read_text()))
    print("weights loaded", flush=True)


def main(address: str, port: str, file: str, seconds: str = "0") -> None:
    server = Server((address, int(port)), Handler)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    threading.Thread(target=load, args=(file, float(seconds)), daemon=True).start()
    print(f"serving at {address}:{port}", flush=True)
    server.serve_forever(poll_interval=0.05)
    server.server_close()
    print("all answered", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
