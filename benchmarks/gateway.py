"""What the gateway adds to a request: beside going direct, a bare pass-through of the same stack, and LiteLLM's proxy.

`python -m benchmarks.gateway`; part of `make bench`. Each is one process before the same server, asked in turn. The
gateway has keys, a quota, a split over two slots and events on, on a private local cloud.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.measure import machine
from benchmarks.policy import installed
from sandbox import cloud
from sandbox.ports import free_ports
from stanchion.routing.document import EndpointRoute
from stanchion.serving.gateway_configuration import EndpointPlace
from tests.engine.gateway_process import GatewayProcess, Surroundings
from tests.engine.project import CHECKOUT

RUNS, SECONDS = 5, 4.0
# Of LiteLLM, and of the bare pass-through.
LESS_LATENCY, MORE_REQUESTS, OF_BARE = 10.0, 12.0, 2.0
LITELLM_KEY = "sk-" + "benchmark-" * 4
MEMORY_BOUND = 120 * 2**20
FLAT_REQUESTS, FLAT_SHARE = 100_000, 1.1

Row = tuple[str, str, str, bool]


@dataclass
class Target:
    """One way to the server."""

    name: str
    port: int
    process: psutil.Process | None
    request: Path


@dataclass
class Seen:
    """What one run saw: milliseconds of each request on one connection, and requests a second on four."""

    p50: float
    p99: float
    per_second: float


def main() -> int:
    """Measure, print, and give 1 when a bound is broken."""
    console = Console()
    root = Path(tempfile.mkdtemp(prefix="stanchion-"))
    started: list[subprocess.Popen[bytes]] = []
    gateways: list[GatewayProcess] = []
    (root / "cloud").mkdir()
    try:
        with console.status("starting a private local cloud"):
            variables = cloud.start(lambda line: console.print(f"[dim]{line}[/]"), root / "cloud")
        targets = begin(console, root, variables, started, gateways)
        rows = measured(console, targets, gateways[0])
    finally:
        for gateway in gateways:
            gateway.end()
        for process in started:
            process.terminate()
            process.wait()
        cloud.stop(lambda line: console.print(f"[dim]{line}[/]"), root / "cloud")
        shutil.rmtree(root)
    table = Table("what", "measured", "bound", title=f"the gateway, {machine()}", title_justify="left")
    for what, said, bound, ok in rows:
        table.add_row(what, f"[{'green' if ok else 'red'}]{said}[/]", bound)
    console.print(table)
    return 0 if all(ok for *_, ok in rows) else 1


def begin(
    console: Console,
    root: Path,
    variables: dict[str, str],
    started: list[subprocess.Popen[bytes]],
    gateways: list[GatewayProcess],
) -> dict[str, Target]:
    """Start the server and what lies before it."""
    upstream, bare, lite = free_ports([0, 0, 0])
    begun = [
        _start(started, upstream, [sys.executable, "-m", "benchmarks.proxies.upstream", str(upstream)]),
        _start(started, bare, [sys.executable, "-m", "benchmarks.proxies.bare", str(bare), str(upstream)]),
    ]
    surroundings = Surroundings(variables, "bench", root)
    surroundings.publish(1, chat=EndpointRoute.model_validate({"weights": {"full": {"blue": 90, "green": 10}}}))
    host = f"127.0.0.1:{upstream}"
    endpoint = EndpointPlace.model_validate(
        {
            "kind": "llm", "tier": "standard", "use_case": "testing", "model": "served", "ladder": ["full"],
            "variants": {"full": {"concurrency": 8, "pool": "general", "hosts": {"blue": host, "green": host}}},
            "quotas": [{"scope": "key", "unit": "requests", "window": "day", "hard": 1e9}],
        }
    )  # fmt: skip
    with console.status("starting the gateway and LiteLLM"):
        gateways.append(
            GatewayProcess(surroundings, surroundings.configuration({"chat": endpoint}), root / "state", "bench")
        )
        litellm = _litellm(console, root, started, lite, host)
    key = surroundings.key
    return {
        "direct": Target("direct", upstream, None, _request(root, "direct", "served", key)),
        "bare": Target("bare pass-through", bare, begun[1], _request(root, "bare", "served", key)),
        "gateway": Target(
            "gateway", gateways[0].port, psutil.Process(gateways[0].process.pid), _request(root, "gateway", "chat", key)
        ),
        "litellm": Target("LiteLLM", lite, litellm, _request(root, "litellm", "chat", LITELLM_KEY)),
    }


def _litellm(
    console: Console, root: Path, started: list[subprocess.Popen[bytes]], port: int, host: str
) -> psutil.Process:
    folder = installed(console, root, "bench-litellm")
    settings = {
        "model_list": [
            {
                "model_name": "chat",
                "litellm_params": {"model": "openai/served", "api_base": f"http://{host}/v1", "api_key": "none"},
            }
        ],
        # Keys of its own would need a database; this one is asked for as ours is.
        "general_settings": {"master_key": LITELLM_KEY},
    }
    file = root / "litellm.yaml"
    file.write_text(json.dumps(settings), encoding="utf-8")
    command = [str(folder / "bin/litellm"), "--config", str(file), "--port", str(port), "--host", "127.0.0.1"]
    return _start(started, port, [*command, "--num_workers", "1", "--telemetry", "False"], seconds=120)


def _start(
    started: list[subprocess.Popen[bytes]], port: int, command: list[str], seconds: float = 30
) -> psutil.Process:
    process = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    started.append(process)
    _until(lambda: process.poll() is None and _answers(port), f"{' '.join(command[:3])} does not answer", seconds)
    return psutil.Process(process.pid)


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health/liveliness", timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _until(done: Callable[[], bool], said: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise RuntimeError(said)
        time.sleep(0.05)


def _request(root: Path, name: str, model: str, key: str) -> Path:
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": "Is it?"}], "user": "u-1"}).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {key}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    file = root / f"request-{name}"
    file.write_bytes(head.encode() + body)
    return file


def _load(target: Target, connections: int, seconds: float) -> tuple[list[float], float]:
    command = [sys.executable, "-m", "benchmarks.proxies.load", str(target.port), str(connections), str(seconds)]
    done = subprocess.run([*command, str(target.request)], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{target.name}: {done.stderr[-500:]}")
    found = json.loads(done.stdout)
    return sorted(found["seconds"]), found["per_second"]


def measured(console: Console, targets: dict[str, Target], gateway: GatewayProcess) -> list[Row]:
    """All in turn, so that a machine that drifts favours none; medians of the runs."""
    seen: dict[str, list[Seen]] = {name: [] for name in targets}
    for target in targets.values():
        _load(target, 4, 1.0)
    for number in range(RUNS):
        for name, target in targets.items():
            with console.status(f"run {number + 1} of {RUNS}: {target.name}"):
                alone, _ = _load(target, 1, SECONDS)
                _, per_second = _load(target, 4, SECONDS)
            seen[name].append(Seen(_part(alone, 0.5), _part(alone, 0.99), per_second))
    p50 = {name: median(each.p50 for each in found) for name, found in seen.items()}
    p99 = {name: median(each.p99 for each in found) for name, found in seen.items()}
    per_second = {name: median(each.per_second for each in found) for name, found in seen.items()}
    added = {name: p50[name] - p50["direct"] for name in targets if name != "direct"}
    rows: list[Row] = [
        (f"{targets[name].name}: p50, p99, requests/s",
         f"{p50[name]:.2f} ms, {p99[name]:.2f} ms, {per_second[name]:.0f}", "", True)
        for name in targets
    ]  # fmt: skip
    less, more = added["litellm"] / added["gateway"], per_second["gateway"] / per_second["litellm"]
    latency, rate = added["gateway"] / added["bare"], per_second["bare"] / per_second["gateway"]
    rows += [
        ("added latency (p50), LiteLLM to ours", f"{less:.1f}x less", f"{LESS_LATENCY:.0f}x", less >= LESS_LATENCY),
        ("requests/s, ours to LiteLLM", f"{more:.1f}x", f"{MORE_REQUESTS:.0f}x", more >= MORE_REQUESTS),
        ("added latency (p50), ours to the bare one", f"{latency:.2f}x", f"{OF_BARE:.0f}x", latency <= OF_BARE),
        ("requests/s, the bare one to ours", f"{rate:.2f}x", f"{OF_BARE:.0f}x", rate <= OF_BARE),
    ]
    return [*rows, *_memory(console, targets, gateway)]


def _memory(console: Console, targets: dict[str, Target], gateway: GatewayProcess) -> list[Row]:
    process, lite = targets["gateway"].process, targets["litellm"].process
    assert process is not None  # noqa: S101  made by begin()
    assert lite is not None  # noqa: S101
    before = process.memory_info().rss
    done = 0
    while done < FLAT_REQUESTS:
        with console.status(f"{FLAT_REQUESTS} requests: {done}"):
            done += len(_load(targets["gateway"], 8, 10.0)[0])
    after = process.memory_info().rss
    lost = gateway.metric('stanchion_events{state="lost"}')
    return [
        (f"memory after {done} more requests", f"{after / 2**20:.0f} MB (LiteLLM {lite.memory_info().rss / 2**20:.0f})",
         f"{MEMORY_BOUND / 2**20:.0f} MB", after <= MEMORY_BOUND),
        ("growth over them", f"{after / before:.2f}x", f"{FLAT_SHARE}x", after / before <= FLAT_SHARE),
        ("events lost", f"{lost:.0f}", "0", lost == 0),
    ]  # fmt: skip


def _part(seconds: list[float], share: float) -> float:
    """Milliseconds within which a share of the requests had their answer."""
    return seconds[min(len(seconds) - 1, int(len(seconds) * share))] * 1000


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.exit(main())
