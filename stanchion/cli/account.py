"""Asks whose account the credentials belong to, before the engine starts."""

from pathlib import Path
from typing import Any, cast

from stanchion.errors import StanchionError
from stanchion.spec import Environment, Refusal, problem_at


def refuse_wrong_account(spec: Environment, root: Path) -> None:
    """Hold the credentials against the account that the document names.

    The provider refuses as well; here it is said at once, with the place in the document, and nothing has begun.

    Raises:
        SpecError: the credentials belong to another account.
        StanchionError: there are none, or the cloud does not answer.
    """
    # Heavy, and of no use to commands that reach no cloud.
    import boto3  # pyright: ignore[reportMissingTypeStubs]
    from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs]
    from botocore.exceptions import BotoCoreError, ClientError  # pyright: ignore[reportMissingTypeStubs]

    patience = Config(connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 2})
    account, reasons = "", list[str]()
    # Either region knows; while the primary is gone the standby has to be updated all the same.
    for region in spec.regions.both:
        try:
            session = cast(Any, boto3.Session(region_name=region))
            account = str(session.client("sts", config=patience).get_caller_identity()["Account"])
            break
        except (BotoCoreError, ClientError) as error:
            reasons.append(f"{region}: {error}")
    if not account:
        raise StanchionError(
            f"whose account this is can't be asked in either region ({'; '.join(reasons)}). Give credentials for "
            f"account {spec.accounts.workload} (AWS_PROFILE or AWS_ACCESS_KEY_ID), and check the network."
        )
    if account != spec.accounts.workload:
        refusal = Refusal(
            f"'{spec.accounts.workload}' is not the account of the credentials, '{account}'",
            allowed="the account that is deployed to",
            fix=f"use credentials of {spec.accounts.workload}, or correct the document",
        )
        raise problem_at("accounts.workload", refusal, spec.name, root)
