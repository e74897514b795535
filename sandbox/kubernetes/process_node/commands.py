"""The commands of `python -m sandbox.kubernetes` about process nodes: be one, lose one, read what a pod wrote."""

import argparse
import sys
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError
from sandbox.kubernetes.nodes import CapacityType, Engine, Node, Taint
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.kubernetes.process_node.folder import NodeFolder
from sandbox.kubernetes.process_node.node import LEASE_SECONDS, ProcessNode, lose


def add(commands: Any) -> None:
    """Add them to the others.

    Args:
        commands: subparsers of argparse.
    """
    node = commands.add_parser("node", help="be a node that runs pods as processes, until told to stop")
    node.add_argument("folder", type=Path, help="of the control plane")
    node.add_argument("--name", required=True)
    node.add_argument("--zone", required=True, help="such as us-east-1a")
    node.add_argument("--capacity-type", choices=[each.value for each in CapacityType], default="on-demand")
    node.add_argument("--instance-type", default="m7i.xlarge")
    node.add_argument("--arch", choices=["amd64", "arm64"], default="amd64", help="what its label says")
    node.add_argument("--engine", choices=[each.value for each in Engine], default=Engine.AUTO_MODE.value)
    node.add_argument("--resource", action="append", default=[], metavar="NAME=QUANTITY", help="what pods may ask for")
    node.add_argument("--label", action="append", default=[], metavar="KEY=VALUE")
    node.add_argument("--taint", action="append", default=[], metavar="KEY=VALUE:EFFECT")
    node.add_argument("--lease-seconds", type=int, default=LEASE_SECONDS)
    node.set_defaults(do=_node)
    gone = commands.add_parser("lose-node", help="kill a node with all on it, as an instance is lost")
    gone.add_argument("folder", type=Path, help="of the control plane")
    gone.add_argument("name")
    gone.set_defaults(do=_lose)
    logs = commands.add_parser("logs", help="print what a pod on a process node wrote")
    logs.add_argument("folder", type=Path, help="of the control plane")
    logs.add_argument("pod")
    logs.add_argument("--namespace", default="default")
    logs.set_defaults(do=_logs)


def _node(chosen: argparse.Namespace) -> int:
    plain = Node(chosen.name, chosen.zone)
    node = Node(
        chosen.name,
        chosen.zone,
        CapacityType(chosen.capacity_type),
        chosen.instance_type,
        chosen.arch,
        engine=Engine(chosen.engine),
        allocatable={**plain.allocatable, **_pairs(chosen.resource, "--resource", "cpu=8")},
        labels=_pairs(chosen.label, "--label", "stanchion.dev/pool=general"),
        taints=tuple(_taint(text) for text in chosen.taint),
    )
    ProcessNode(PlaneFolder(chosen.folder.resolve()), node, chosen.lease_seconds).run(_say)
    return 0


def _lose(chosen: argparse.Namespace) -> int:
    if not lose(PlaneFolder(chosen.folder.resolve()), chosen.name):
        _say(f"no process node {chosen.name} ran in {chosen.folder}")
    return 0


def _logs(chosen: argparse.Namespace) -> int:
    for folder in NodeFolder.all(PlaneFolder(chosen.folder.resolve())):
        text = folder.logs.read(chosen.namespace, chosen.pod)
        if text is not None:
            sys.stdout.write(text)
            return 0
    raise SandboxError(
        f"no process node of {chosen.folder} ran a pod {chosen.pod} in the namespace {chosen.namespace} as a process; "
        "a pod that runs in name only writes nothing."
    )


def _pairs(texts: list[str], flag: str, example: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not (key and equals):
            raise SandboxError(f"'{text}' is nothing that {flag} takes; write one such as {flag} {example}.")
        pairs[key] = value
    return pairs


def _taint(text: str) -> Taint:
    rest, colon, effect = text.rpartition(":")
    key, _, value = rest.partition("=")
    if not (colon and key and effect in ("NoSchedule", "PreferNoSchedule", "NoExecute")):
        raise SandboxError(
            f"'{text}' is no taint; write KEY=VALUE:EFFECT, where EFFECT is NoSchedule, PreferNoSchedule or NoExecute."
        )
    return Taint(key, value, effect)


def _say(line: str) -> None:
    print(line, flush=True)
