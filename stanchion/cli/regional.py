"""An environment's tables and queues, asked from the command line, and a sentence for what goes wrong with that."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from stanchion.cli.account import refuse_wrong_account
from stanchion.errors import RunFailedError, StanchionError
from stanchion.spec import Environment, load_environment

T = TypeVar("T")


def environment_in_reach(name: str, root: Path) -> Environment:
    """The document of an environment, with the variables that lead to its cloud in place.

    Raises:
        StanchionError: there is no such document, it is wrong, its cloud can't be reached, or the credentials are of
            another account.
    """
    spec = load_environment(name, root.resolve())
    reach(spec, root)
    return spec


def reach(spec: Environment, root: Path) -> None:
    """Put the variables in place that lead to an environment's cloud.

    Raises:
        StanchionError: its cloud can't be reached, or the credentials are of another account.
    """
    # Heavy: it brings the engine's library.
    from stanchion.cli.run import environment_of_cloud

    os.environ.update(environment_of_cloud(spec))
    refuse_wrong_account(spec, root.resolve())


def client(service: str, region: str) -> Any:
    """boto3's client of a service, which does not wait long."""
    import boto3  # pyright: ignore[reportMissingTypeStubs]
    from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs]

    patience = Config(connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 3})
    return cast(Any, boto3.Session(region_name=region)).client(service, config=patience)


def in_some_region(spec: Environment, what: str, act: Callable[[str], T]) -> T:
    """Do something in the primary region, or in the standby one when the primary does not answer.

    What is written there reaches the other region by the table's replication.

    Args:
        spec: of the environment.
        what: is done, for the sentence, such as `the keys can't be listed`.
        act: does it in a region.

    Raises:
        RunFailedError: neither region answers, or one refuses.
        StanchionError: the table or queue is not there.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # pyright: ignore[reportMissingTypeStubs]

    reasons = list[str]()
    for region in spec.regions.both:
        try:
            return act(region)
        except ClientError as error:
            said = cast("dict[str, Any]", error.response)
            code = str(said.get("Error", {}).get("Code", ""))
            if code in ("ResourceNotFoundException", "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"):
                raise StanchionError(
                    f"{what}: environment '{spec.name}' has no table or queue for it in {region}; the stacks "
                    f"`{spec.name}-links` and `{spec.name}-control-{region}` make them, run `stanchion up "
                    f"--environment {spec.name}`."
                ) from None
            if int(said.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)) < 500:
                raise RunFailedError(f"{what}: {region} refuses: {error}") from None
            reasons.append(f"{region}: {error}")
        except BotoCoreError as error:
            reasons.append(f"{region}: {error}")
    raise RunFailedError(f"{what}: neither region answers ({'; '.join(reasons)}). Check the network and try again.")
