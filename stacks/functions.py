"""What runs on Lambda: the archives of functions, and the layer under them, made of this checkout."""

import sys
from dataclasses import dataclass
from pathlib import Path

import pulumi

from components.functions.python_function import PythonFunction, PythonFunctionArgs
from components.functions.shared_layer import SharedLayer, SharedLayerArgs
from stacks.needs import LayerOutputs
from stacks.topics import topics_of
from stanchion.contracts import FoundationOutputs
from stanchion.packaging.archive import function_files, write_archive
from stanchion.packaging.layer import Architecture, LayerOf, build_layer
from stanchion.spec import Cloud, Environment

ROOT = Path(__file__).resolve().parents[1]
# Of the checkout, in which the engine runs too; made again when it is not there.
FOLDER = Path(".stanchion/functions")
LOCK = Path("requirements/functions.txt")
# What Lambda runs them with, and what the wheels of the layer are for (Lambda developer guide, runtimes, from memory).
PYTHON = "3.13"


@dataclass(frozen=True)
class Wish:
    """A function that a layer wants.

    Args:
        function: its folder below functions/.
        description: what it does, in a sentence.
        runbook: what to do when it fails.
        variables: its environment.
        policy: what it may do, as JSON.
        schedule: when it runs; never by the clock if None.
        stream_arn: whose changes start it; none if None.
        timeout_seconds: after which a run is ended.
        memory_mib: it has.
    """

    function: str
    description: str
    runbook: str
    variables: dict[str, pulumi.Input[str]]
    policy: pulumi.Input[str]
    schedule: str | None = None
    stream_arn: pulumi.Input[str] | None = None
    timeout_seconds: int = 60
    memory_mib: int = 256


class Functions:
    """Declares functions of one region, with one layer under all of them.

    On the local cloud functions run with its own packages and Python, so that there is no layer.

    Args:
        spec: the environment.
        foundation: of the region.
        opts: with the provider.
    """

    def __init__(
        self, spec: Environment, foundation: LayerOutputs[FoundationOutputs], opts: pulumi.ResourceOptions
    ) -> None:
        self._spec, self._foundation, self._opts = spec, foundation, opts
        self._architecture = spec.functions.architecture
        self._layers: list[pulumi.Input[str]] = []
        self._python = PYTHON
        if spec.cloud is Cloud.LOCAL:
            self._python = f"{sys.version_info.major}.{sys.version_info.minor}"
            return
        layer = SharedLayer(
            f"{spec.name}-functions",
            SharedLayerArgs(
                environment=spec.name,
                archive=str(layer_archive(self._architecture)),
                runtime=f"python{PYTHON}",
                architecture=self._architecture,
            ),
            opts,
        )
        self._layers.append(layer.arn)

    def make(self, wish: Wish) -> PythonFunction:
        """One function.

        Raises:
            PackagingError: it can't be packaged.
        """
        spec = self._spec
        name = wish.function.replace("_", "-")
        return PythonFunction(
            f"{spec.name}-{name}",
            PythonFunctionArgs(
                function_name=f"{spec.name}-{name}",
                function=wish.function,
                description=wish.description,
                archive=str(function_archive(wish.function)),
                runtime=f"python{self._python}",
                architecture=self._architecture,
                account_id=spec.accounts.workload,
                key_arn=self._foundation.output(lambda f: f.key.arn),
                keep=spec.keep,
                alarm_topics=topics_of(self._foundation),
                runbook=wish.runbook,
                variables=wish.variables,
                policy=wish.policy,
                layer_arns=self._layers,
                timeout_seconds=wish.timeout_seconds,
                memory_mib=wish.memory_mib,
                log_retention_days=spec.functions.log_retention.days,
                schedule=wish.schedule,
                stream_arn=wish.stream_arn,
            ),
            self._opts,
        )


def function_archive(function: str) -> Path:
    """The archive of a function's code, below the checkout."""
    file = FOLDER / f"{function}.zip"
    write_archive(function_files(function, ROOT), ROOT / file)
    return file


def layer_archive(architecture: Architecture) -> Path:
    """The archive of the layer, below the checkout; made once for the same requirements."""
    return build_layer(LayerOf(ROOT / LOCK, architecture, PYTHON), ROOT / FOLDER).relative_to(ROOT)
