"""Probes: how a container is asked whether it has started, may be sent requests, and lives."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from sandbox.kubernetes.api import Document

# Run a command as the container would; its exit code.
Execute = Callable[[Sequence[str]], Awaitable[int]]
_REFUSED = 400


@dataclass(frozen=True)
class Target:
    """What is asked.

    Args:
        address: of the pod.
        ports: of the container, by name.
        execute: runs a command in the container's stead.
    """

    address: str
    ports: Mapping[str, int]
    execute: Execute

    def port(self, value: Any) -> int:
        """A port, by number or by name.

        Raises:
            ValueError: the container has no port of that name.
        """
        if isinstance(value, int):
            return value
        if value in self.ports:
            return self.ports[value]
        raise ValueError(f"the container has no port named '{value}'")


@dataclass(frozen=True)
class Probe:
    """One probe, with the kubelet's defaults.

    Args:
        action: the document's part that says what to do: `httpGet`, `tcpSocket` or `exec`.
    """

    action: Mapping[str, Any]
    initial_delay: float
    period: float
    timeout: float
    failures: int
    successes: int
    grace: float | None

    @classmethod
    def from_document(cls, document: Document | None) -> "Probe | None":
        """A probe as a container has it; none where it has none."""
        if not document:
            return None
        return cls(
            {key: value for key, value in document.items() if key in ("httpGet", "tcpSocket", "exec", "grpc")},
            float(document.get("initialDelaySeconds") or 0),
            float(document.get("periodSeconds") or 10),
            float(document.get("timeoutSeconds") or 1),
            int(document.get("failureThreshold") or 3),
            int(document.get("successThreshold") or 1),
            document.get("terminationGracePeriodSeconds"),
        )

    async def ask(self, target: Target) -> str:
        """Ask once.

        Returns:
            What is wrong, in words; empty when nothing is.
        """
        try:
            async with asyncio.timeout(self.timeout):
                return await act(self.action, target)
        except TimeoutError:
            return f"no answer within {self.timeout:g} s"


async def act(action: Mapping[str, Any], target: Target) -> str:
    """Do what a probe or a hook says: a request, a connection, a command, or a wait.

    Returns:
        What is wrong, in words; empty when nothing is.
    """
    try:
        if "httpGet" in action:
            return await _get(action["httpGet"], target)
        if "tcpSocket" in action:
            host = action["tcpSocket"].get("host") or target.address
            _, writer = await asyncio.open_connection(host, target.port(action["tcpSocket"]["port"]))
            writer.close()
            return ""
        if "exec" in action:
            code = await target.execute(action["exec"].get("command") or [])
            return f"the command ends with exit code {code}" if code else ""
        if "sleep" in action:
            await asyncio.sleep(float(action["sleep"]["seconds"]))
            return ""
    except (OSError, ValueError, aiohttp.ClientError) as error:
        return str(error) or type(error).__name__
    return f"a process node can't do {', '.join(action) or 'nothing'}; allowed: exec, httpGet, tcpSocket"


async def _get(asked: Mapping[str, Any], target: Target) -> str:
    scheme = str(asked.get("scheme") or "HTTP").lower()
    host = asked.get("host") or target.address
    path = str(asked.get("path") or "/")
    address = f"{scheme}://{host}:{target.port(asked['port'])}{path if path.startswith('/') else f'/{path}'}"
    headers = {each["name"]: each["value"] for each in asked.get("httpHeaders") or []}
    # As the kubelet: a certificate is not looked at, and a connection is not used twice.
    connector = aiohttp.TCPConnector(ssl=False, force_close=True)
    timeout = aiohttp.ClientTimeout(total=None)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session,
        session.get(address, headers=headers, allow_redirects=False) as answer,
    ):
        return "" if answer.status < _REFUSED else f"it answers {answer.status}"


@dataclass
class Prober:
    """The probes of one start of a container.

    Args:
        startup: holds the others back until it succeeds.
        on_started: the container has started.
        on_ready: whether it may be sent requests, each time that changes.
    """

    target: Target
    startup: Probe | None
    readiness: Probe | None
    liveness: Probe | None
    on_started: Callable[[], None]
    on_ready: Callable[[bool], None]
    # Set with what is wrong and the grace period of its own, if any, when the container has to be restarted.
    failed: "asyncio.Future[tuple[str, float | None]]" = field(init=False)
    _tasks: list["asyncio.Task[None]"] = field(default_factory=list, init=False)
    _begun: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.failed = asyncio.get_running_loop().create_future()

    def begin(self) -> None:
        """Ask from now on; initial delays count from now, too."""
        self._begun = asyncio.get_running_loop().time()
        self._tasks.append(asyncio.create_task(self._run()))

    def leave_readiness(self) -> None:
        """The pod is ending: nothing restarts it any more, but whether it takes requests is still told."""
        if not self.failed.done():
            self.failed.cancel()

    async def close(self) -> None:
        """Ask no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if not self.failed.done():
            self.failed.cancel()

    async def _run(self) -> None:
        if self.startup is not None and not await self._until_started(self.startup):
            return
        self.on_started()
        if self.readiness is None:
            self.on_ready(True)
        else:
            self._tasks.append(asyncio.create_task(self._watch_readiness(self.readiness)))
        if self.liveness is not None:
            self._tasks.append(asyncio.create_task(self._watch_liveness(self.liveness)))

    async def _until_started(self, probe: Probe) -> bool:
        await self._delay(probe)
        failures = 0
        async for wrong in _asked(probe, self.target):
            if not wrong:
                return True
            failures += 1
            if failures >= probe.failures:
                self._fail(f"the startup probe failed {failures} times: {wrong}", probe)
                return False
        return False

    async def _watch_readiness(self, probe: Probe) -> None:
        await self._delay(probe)
        failures = successes = 0
        async for wrong in _asked(probe, self.target):
            failures, successes = (failures + 1, 0) if wrong else (0, successes + 1)
            if successes >= probe.successes:
                self.on_ready(True)
            elif failures >= probe.failures:
                self.on_ready(False)

    async def _watch_liveness(self, probe: Probe) -> None:
        await self._delay(probe)
        failures = 0
        async for wrong in _asked(probe, self.target):
            failures = failures + 1 if wrong else 0
            if failures >= probe.failures:
                self._fail(f"the liveness probe failed {failures} times: {wrong}", probe)
                return

    async def _delay(self, probe: Probe) -> None:
        await asyncio.sleep(max(0.0, self._begun + probe.initial_delay - asyncio.get_running_loop().time()))

    def _fail(self, wrong: str, probe: Probe) -> None:
        if not self.failed.done():
            self.failed.set_result((wrong, probe.grace))


async def _asked(probe: Probe, target: Target) -> AsyncIterator[str]:
    """What is wrong, once each period, counted from the beginning of the question."""
    loop = asyncio.get_running_loop()
    while True:
        begun = loop.time()
        yield await probe.ask(target)
        await asyncio.sleep(max(0.0, begun + probe.period - loop.time()))
