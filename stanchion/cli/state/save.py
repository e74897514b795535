"""Saves an environment: each stack's export, and the documents it was made from."""

from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from stanchion.cli.state.archive import Archive, ArchiveError, export_name, refuse_plain_secrets
from stanchion.cli.state.bucket import ArchiveBucket
from stanchion.cli.state.engine import Engine
from stanchion.contracts import StateOutputs
from stanchion.layers import CONFIG_DIR, Stack, stacks_of
from stanchion.spec import load_environment

POLICY_CONFIGURATION = Path("policies/configuration.yaml")


def save(environment: str, root: Path, bucket: str | None, region: str | None, console: Console) -> str:
    """Save every stack of an environment.

    Args:
        environment: the document in environments/.
        root: the folder that holds Pulumi.yaml.
        bucket: where to; the bucket of the stack that holds Pulumi's own state when None.
        region: where the bucket lies; the environment's primary region when None. With the primary gone, the standby.
        console: where progress goes.

    Returns:
        The archive's URL.

    Raises:
        StanchionError: a stack can't be exported, or the bucket refuses.
    """
    spec = load_environment(environment, root)
    engine = Engine(spec, root)
    stacks = stacks_of(spec, root)
    files: dict[str, bytes] = {}
    saved: list[Stack] = []
    for stack in stacks:
        export = engine.export(stack.name)
        if export is None:
            console.print(f"  {stack.name} is not deployed and not saved")
            continue
        refuse_plain_secrets(export, stack.name)
        files[export_name(stack.name)] = export
        saved.append(stack)
        console.print(f"  {stack.name}: {len(export)} bytes")
    if not saved:
        raise ArchiveError(f"environment '{environment}' has no deployed stack; there is nothing to save.")
    documents = [Path("environments") / f"{environment}.yaml", POLICY_CONFIGURATION]
    documents += [CONFIG_DIR / f"Pulumi.{stack.name}.yaml" for stack in saved]
    for document in documents:
        path = root / document
        # Not every environment has a policy configuration; what is there is saved.
        if path.is_file():
            files[document.as_posix()] = path.read_bytes()
    saved_at = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    archive = Archive(environment, saved_at, tuple(stack.name for stack in saved), files)
    region = region or spec.regions.primary
    target = ArchiveBucket(bucket or _own_bucket(engine, stacks, environment, region), region)
    url = target.save(archive)
    console.print(f"saved {len(saved)} stacks and {len(files) - len(saved)} documents: {url}", soft_wrap=True)
    return url


def archives(environment: str, root: Path, bucket: str | None, region: str | None) -> tuple[str, ...]:
    """URLs of the whole archives of an environment, oldest first; args and errors as `save`."""
    spec = load_environment(environment, root)
    engine = Engine(spec, root)
    region = region or spec.regions.primary
    place = ArchiveBucket(bucket or _own_bucket(engine, stacks_of(spec, root), environment, region), region)
    return tuple(place.url(environment, saved_at) for saved_at in place.list(environment))


def _own_bucket(engine: Engine, stacks: tuple[Stack, ...], environment: str, region: str) -> str:
    for stack in stacks:
        outputs = engine.outputs(stack.name) if StateOutputs.layer in stack.layers else {}
        if StateOutputs.layer in outputs:
            sides = [outputs[StateOutputs.layer][side] for side in ("primary", "standby")]
            buckets = {str(side["region"]): str(side["bucket"]) for side in sides}
            if region not in buckets:
                raise ArchiveError(
                    f"stack '{stack.name}' has no bucket in '{region}'; allowed: {', '.join(buckets)}, or name another "
                    "bucket with --bucket."
                )
            return buckets[region]
    raise ArchiveError(
        f"environment '{environment}' has no deployed stack with the layer '{StateOutputs.layer}', whose bucket "
        "archives go to; name another bucket with --bucket."
    )
