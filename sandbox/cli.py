"""`stanchion sandbox`: the local cloud's commands."""

import contextlib
import json
import os
import shlex
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from sandbox import cloud
from sandbox.errors import SandboxError
from sandbox.front_door.faults import Effect, Fault
from sandbox.run_directory import CHECKOUT, RunDirectory

app = typer.Typer(help="The local cloud: start, stop, look, break and heal it.", no_args_is_help=True)


@app.command()
def start() -> None:
    """Start the engine and the local cloud; does nothing when they run."""
    console = _console()
    with step(console, "Pulumi engine") as tell:
        cloud.prepare_engine(tell)
    with step(console, "local cloud") as tell:
        cloud.start_processes(tell)


@app.command()
def up(
    environment: Annotated[str, typer.Option("--environment", "-e", help="The document in environments/.")] = "local",
) -> None:
    """Everything: engine, local cloud, every stack of the environment, and a summary."""
    from sandbox.deployment import Deployment
    from sandbox.summary import summarise
    from stanchion.spec import Cloud, load_environment

    # Read first: what is wrong with the document is said before anything starts.
    spec = load_environment(environment, CHECKOUT)
    if spec.cloud is not Cloud.LOCAL:
        raise SandboxError(
            f"environment '{environment}' is not for the local cloud (cloud: local); deploy it with `stanchion up`."
        )
    deployment = Deployment(spec)
    console = _console()
    begun = time.monotonic()
    with step(console, "Pulumi engine") as tell:
        cloud.prepare_engine(tell)
    deployment.start_build()
    with step(console, "local cloud") as tell:
        fresh = cloud.start_processes(tell)
    with step(console, f"stacks of '{environment}'"):
        # A cloud that was started just now may have lost what the engine's state remembers: moto keeps nothing.
        results = deployment.up(console, refresh=fresh and _has_stacks())
    summarise(console, results, cloud.status(), time.monotonic() - begun)


@app.command()
def stop() -> None:
    """Stop what was started; the content is kept for the next start."""
    console = _console()
    if not cloud.stop(lambda line: console.print(f"  {line}")):
        console.print("the local cloud was not running")


@app.command()
def clean() -> None:
    """Stop the local cloud and remove all it kept; the engine stays in the user's cache."""
    console = _console()
    cloud.clean(lambda line: console.print(f"  {line}"))


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Processes, ports, memory, faults, and what is recorded but not emulated."""
    from sandbox.summary import state_only_types

    found = cloud.status()
    state_only = state_only_types()
    if as_json:
        document = {
            "running": found.running,
            "directory": str(found.directory),
            "endpoint": found.endpoint,
            "processes": [asdict(each) for each in found.processes],
            "clusters": [asdict(each) for each in found.planes],
            "memory_bytes": found.memory_bytes,
            "faults": [fault.as_json() for fault in found.faults],
            "state_only": state_only,
        }
        typer.echo(json.dumps(document, indent=2))
        return
    console = _console()
    if not found.processes:
        console.print(
            f"the local cloud of {found.directory} is not running; start it: `make up` or `stanchion sandbox start`"
        )
        return
    console.print(
        f"local cloud at {found.endpoint or 'no address'} (account {cloud.ACCOUNT}), files in {found.directory}"
    )
    table = Table("process", "state", "pid", "port", "memory", "up")
    for each in (*found.processes, *found.planes):
        port = f"127.0.0.1:{each.port}" if each.port else ""
        table.add_row(each.name, each.state, str(each.pid), port, _mib(each.memory_bytes), f"{each.uptime_seconds} s")
    table.add_row("together", "", "", "", _mib(found.memory_bytes), "", style="bold")
    console.print(table)
    console.print("faults: " + ("none" if not found.faults else ""))
    for fault in found.faults:
        console.print(f"  {describe(fault)}")
    console.print("state only (recorded, not emulated): " + ("none" if not state_only else ""))
    for kind, reason in state_only.items():
        console.print(f"  {kind}: {reason}")


@app.command()
def env(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Print the variables for pulumi, boto3 and the aws CLI: `eval "$(stanchion sandbox env)"`."""
    variables = cloud.environment_variables()
    if as_json:
        typer.echo(json.dumps(variables, indent=2))
        return
    for name, value in variables.items():
        typer.echo(f"export {name}={shlex.quote(value)}")


@app.command()
def logs(
    name: Annotated[str | None, typer.Argument(help="A process; the names of all logs when not given.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the last lines.")] = 50,
) -> None:
    """Show what a process wrote."""
    from sandbox.processes.supervisor import Supervisor

    directory = RunDirectory.resolve()
    if name is None:
        for file in sorted(directory.logs.glob("*.log")):
            typer.echo(f"{file.stem}  {file}")
        return
    file = Supervisor(directory).log_of(name)
    with file.open(encoding="utf-8", errors="replace") as stream:
        for line in stream.readlines()[-lines:]:
            typer.echo(line, nl=False)
        with contextlib.suppress(KeyboardInterrupt):
            while follow:
                typer.echo(stream.read(), nl=False)
                time.sleep(0.5)


@app.command()
def kubectl(
    arguments: Annotated[list[str], typer.Argument(help="For kubectl, after `--`.")],
    region: Annotated[str | None, typer.Option("--region", help="Whose cluster; us-east-1's if not given.")] = None,
) -> None:
    """Kubernetes' own kubectl on a cluster of the local cloud: `stanchion sandbox kubectl -- get pods`."""
    from sandbox.kubernetes.kubectl import command

    variables = cloud.environment_variables()
    # Its own output is for whoever asked; what a build says is not.
    console = Console(soft_wrap=True, stderr=True)
    executable, line = command(
        Path(variables["KUBECONFIG"]),
        region_named(region),
        arguments,
        lambda said: console.print(f"  {said}", highlight=False, markup=False),
    )
    os.execve(executable, line, {**os.environ, **variables})  # noqa: S606 - a program of ours, and no shell


RegionArgument = Annotated[str, typer.Argument(help="A region, such as us-east-1.")]
ServiceArgument = Annotated[str, typer.Argument(help="A service as boto3 names it, such as s3 or stepfunctions.")]
RegionOption = Annotated[str | None, typer.Option("--region", help="Only in this region.")]
ServiceOption = Annotated[str | None, typer.Option("--service", help="Only this service.")]
EffectOption = Annotated[
    Effect,
    typer.Option("--effect", help="drop: cut the connection; unavailable: 503; hang: no answer until healed."),
]


@app.command("fail-region")
def fail_region(region: RegionArgument, effect: EffectOption = Effect.DROP) -> None:
    """Lose a region: every request signed for it fails, until `heal`."""
    _fail(Fault(_loss(effect), region=region_named(region)))
    if region == cloud.DEFAULT_REGION:
        _console().print(
            "  iam, route53, budgets and the other global services are signed for this region: as on AWS, "
            "their control planes are lost with it"
        )


@app.command("fail-service")
def fail_service(
    service: ServiceArgument, region: RegionOption = None, effect: EffectOption = Effect.UNAVAILABLE
) -> None:
    """Lose a service, in one region or in all, until `heal`."""
    _fail(Fault(_loss(effect), region=region_named(region), service=signing_name(service)))


@app.command("add-latency")
def add_latency(
    milliseconds: Annotated[int, typer.Argument(min=1, max=600_000, help="Added to every answer.")],
    region: RegionOption = None,
    service: ServiceOption = None,
) -> None:
    """Make answers slow, of a region, a service, or all."""
    _fail(Fault(Effect.LATENCY, region_named(region), signing_name(service), milliseconds / 1000))


@app.command()
def heal(region: RegionOption = None, service: ServiceOption = None) -> None:
    """Take faults away: all of them, or those of a region or a service."""
    healed = cloud.control().heal(region_named(region), signing_name(service))
    console = _console()
    for fault in healed:
        console.print(f"healed: {describe(fault)}")
    if not healed:
        console.print("there was no such fault")


@contextlib.contextmanager
def step(console: Console, what: str) -> Iterator[Callable[[str], None]]:
    """Show a step, what it says while it runs, and how long it took."""
    console.print(f"[bold]{what}[/]")
    begun = time.monotonic()
    with console.status(f"{what} ..."):
        yield lambda line: console.print(f"  {line}", highlight=False, markup=False)
    console.print(f"  [green]done[/] in {time.monotonic() - begun:.1f} s", highlight=False)


def describe(fault: Fault) -> str:
    """A fault in words."""
    where = f" in {fault.region}" if fault.region else " in every region"
    what = fault.service or "every service"
    how = {
        Effect.DROP: "connections are cut",
        Effect.UNAVAILABLE: "answers 503",
        Effect.HANG: "does not answer",
        Effect.LATENCY: f"answers {fault.seconds * 1000:.0f} ms later",
    }[fault.effect]
    return f"{what}{where}: {how}"


def region_named(region: str | None) -> str | None:
    """The region, when there is one of that name.

    Raises:
        SandboxError: there is none; names the allowed ones.
    """
    if region is None:
        return None
    allowed = _botocore().get_available_regions("ec2")
    if region not in allowed:
        raise SandboxError(f"there is no region '{region}'; allowed: {', '.join(sorted(allowed))}.")
    return region


def signing_name(service: str | None) -> str | None:
    """The name a service is signed with, from the name boto3 has for it, or from itself.

    Raises:
        SandboxError: the local cloud has no such service; names those it has.
    """
    from sandbox.front_door.routes import ROUTES

    if service is None or service in ROUTES:
        return service
    if service in _botocore().get_available_services():
        name = str(_botocore().get_service_model(service).signing_name)
        if name in ROUTES:
            return name
    raise SandboxError(f"the local cloud has no service '{service}'; allowed: {', '.join(sorted(ROUTES))}.")


def _botocore():
    import botocore.session

    return botocore.session.get_session()


def _loss(effect: Effect) -> Effect:
    if effect is Effect.LATENCY:
        raise SandboxError("latency is no loss; use `stanchion sandbox add-latency MILLISECONDS`.")
    return effect


def _fail(fault: Fault) -> None:
    cloud.control().add(fault)
    _console().print(f"{describe(fault)}; undo with `stanchion sandbox heal`")


def _has_stacks() -> bool:
    return any(Path(RunDirectory.resolve().pulumi_state).glob(".pulumi/stacks/**/*.json"))


def _mib(size: int) -> str:
    return f"{size / 2**20:.0f} MiB"


def _console() -> Console:
    return Console(soft_wrap=True)
