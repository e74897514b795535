"""The accounts an environment may touch."""

import re
from typing import Any

from pydantic import field_validator

from stanchion.spec.part import Part


class Accounts(Part):
    """Account ids, quoted; the provider refuses to work in any other account."""

    workload: str
    """Holds everything but the vault copies."""
    backup: str | None = None
    """Holds vault copies out of reach of the workload's administrators."""

    @field_validator("workload", "backup", mode="before")
    @classmethod
    def _twelve_digits(cls, value: Any) -> Any:
        if isinstance(value, int):
            raise ValueError(
                'an account id without quotes is read as a number and may lose digits; write "111122223333"'
            )
        if isinstance(value, str) and not re.fullmatch(r"[0-9]{12}", value):
            raise ValueError(f"'{value}' is no account id; allowed: 12 digits in quotes, such as \"111122223333\"")
        return value
