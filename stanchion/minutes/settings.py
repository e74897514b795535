"""What the minute aggregate is told: environment variables of its function, which the program sets."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

from stanchion.minutes.row import MinuteError

ENVIRONMENT = "STANCHION_ENVIRONMENT"
REGION = "STANCHION_REGION"
MINUTE_TABLE = "STANCHION_MINUTE_TABLE"
DATABASE = "STANCHION_EVENTS_DATABASE"
EVENTS_TABLE = "STANCHION_EVENTS_TABLE"
WORKGROUP = "STANCHION_WORKGROUP"
_VARIABLES = (ENVIRONMENT, REGION, MINUTE_TABLE, DATABASE, EVENTS_TABLE, WORKGROUP)


@dataclass(frozen=True, slots=True)
class MinuteSettings:
    """What one minute aggregate reads, and where it writes.

    Args:
        environment: name of the environment.
        region: whose gateways are counted; of Athena and the tables.
        minute_table: name of the table of minutes, in DynamoDB.
        database: of Glue, with the table of events.
        events_table: its name.
        workgroup: of Athena, which says where answers go.
    """

    environment: str
    region: str
    minute_table: str
    database: str
    events_table: str
    workgroup: str

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Self:
        """From the environment variables.

        Raises:
            MinuteError: one is not set.
        """
        missing = [name for name in _VARIABLES if not variables.get(name)]
        if missing:
            raise MinuteError(f"the minute aggregate has no {', '.join(missing)}; the program sets them all.")
        return cls(**{field.name: variables[name] for field, name in zip(fields(cls), _VARIABLES, strict=True)})

    def variables(self) -> dict[str, str]:
        """As environment variables; the opposite of `read`."""
        return {name: getattr(self, field.name) for field, name in zip(fields(self), _VARIABLES, strict=True)}
