"""The AWS accounts of an environment."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from stanchion.spec.part import Part
from stanchion.spec.refusal import Refusal
from stanchion.spec.text import Form


def _quoted(value: object) -> object:
    # YAML reads bare digits as a number: a leading zero is lost, and older readers take 0... for octal.
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise Refusal(
            "an account id without quotes is a number to YAML, which drops its leading zeros",
            allowed="12 digits in double quotes",
            fix='put it in double quotes, as in "111122223333"',
        )
    return value


AccountId = Annotated[
    str,
    Form("^[0-9]{12}$", "12 digits in double quotes", 'write all 12 digits without blanks or dashes: "111122223333"'),
    BeforeValidator(_quoted),
]


class Accounts(Part):
    """The accounts everything lies in; the provider refuses any other."""

    workload: AccountId = Field(description="The account the platform runs in.", examples=['"111122223333"'])
    backup: AccountId | None = Field(
        default=None,
        description="The account that keeps the copies of the backups. An account of its own survives the loss of the "
        "workload account; without it copies stay in the workload account.",
    )
