"""Restores an environment into an empty backend; what it can't finish it takes back."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import yaml
from rich.console import Console

from stanchion.cli.state.archive import Archive, ArchiveError
from stanchion.cli.state.bucket import ArchiveBucket, parse_url
from stanchion.cli.state.engine import Engine
from stanchion.layers import CONFIG_DIR
from stanchion.spec import load_environment
from stanchion.spec.loader import load_text


def restore(url: str, root: Path, region: str | None, only: Sequence[str] | None, console: Console) -> tuple[str, ...]:
    """Restore the stacks of an archive.

    Everything that can be refused is refused before the first stack is made: a damaged file, a document that differs
    from the one in the project, a stack that has resources already.

    Args:
        url: of the archive.
        root: the folder that holds Pulumi.yaml.
        region: where the bucket lies; the environment's primary region when None. With the primary gone, the standby.
        only: names of stacks; all when None.
        console: where progress goes.

    Returns:
        The names of the restored stacks.

    Raises:
        StanchionError: what is wrong; nothing was changed, or it was taken back.
    """
    bucket, environment, saved_at = parse_url(url)
    archive = ArchiveBucket(bucket, region or load_environment(environment, root).regions.primary).load(
        environment, saved_at
    )
    stacks = _chosen(archive, only)
    new_documents = _new_documents(archive, stacks, root)
    text = archive.documents[f"environments/{environment}.yaml"].decode()
    engine = Engine(load_text(text, f"environments/{environment}.yaml", environment), root)
    _refuse_existing(engine, stacks)
    before = engine.stacks()
    written: list[Path] = []
    try:
        for path, content in new_documents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            written.append(path)
            path.write_bytes(content)
        for stack in stacks:
            _restore_one(engine, archive, stack, root)
            console.print(f"  {stack} is restored")
    except BaseException:
        for stack in sorted(set(stacks) & engine.stacks().keys() - before.keys()):
            engine.remove(stack)
        for path in written:
            path.unlink(missing_ok=True)
        raise
    console.print(
        f"restored {len(stacks)} stacks of {url}; `pulumi preview` shows no changes where nothing changed since",
        soft_wrap=True,
    )
    return stacks


def _restore_one(engine: Engine, archive: Archive, stack: str, root: Path) -> None:
    settings = root / CONFIG_DIR / f"Pulumi.{stack}.yaml"
    content = archive.documents[(CONFIG_DIR / settings.name).as_posix()]
    provider = cast("dict[str, Any]", yaml.safe_load(content) or {}).get("secretsprovider", "passphrase")
    with tempfile.NamedTemporaryFile(suffix=".json") as export:
        export.write(archive.export_of(stack))
        export.flush()
        if stack not in engine.stacks():
            engine.init(stack, str(provider))
        # `stack init` may write a salt of its own; the secrets of the export belong to the saved one.
        settings.write_bytes(content)
        engine.put(stack, Path(export.name))


def _chosen(archive: Archive, only: Sequence[str] | None) -> tuple[str, ...]:
    unknown = sorted(set(only or ()) - set(archive.stacks))
    if unknown:
        raise ArchiveError(f"the archive has no stack '{unknown[0]}'; it has {', '.join(archive.stacks)}.")
    return tuple(stack for stack in archive.stacks if not only or stack in only)


def _new_documents(archive: Archive, stacks: Sequence[str], root: Path) -> dict[Path, bytes]:
    """What has to be written; a document that is there and differs is refused, since one of the two is wrong."""
    others = {f"{CONFIG_DIR.as_posix()}/Pulumi.{stack}.yaml" for stack in archive.stacks if stack not in stacks}
    new: dict[Path, bytes] = {}
    for name, content in archive.documents.items():
        if name in others:
            continue
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise ArchiveError(
                f"the archive names the file '{name}', which lies outside of the project; it is refused."
            )
        path = root / name
        if not path.exists():
            new[path] = content
        elif path.read_bytes() != content:
            raise ArchiveError(
                f"{name} differs from the one that was saved at {archive.saved_at}; decide which one is right: move "
                "yours away to have the saved one back, or check out the commit that was deployed."
            )
    return new


def _refuse_existing(engine: Engine, stacks: Sequence[str]) -> None:
    found = engine.stacks()
    full = [stack for stack in stacks if found.get(stack)]
    if full:
        raise ArchiveError(
            f"stack '{full[0]}' has {found[full[0]]} resources in this backend; a restore would replace what is known "
            "of them. Restore into an empty backend (PULUMI_BACKEND_URL), or leave it out with --stack."
        )
