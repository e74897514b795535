"""What the routing writer is told: environment variables of its function, which the program sets."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

from stanchion.routing.document import RoutingError

ENVIRONMENT = "STANCHION_ENVIRONMENT"
REGION = "STANCHION_REGION"
INTENTS_TABLE = "STANCHION_INTENTS_TABLE"
# Names of endpoints, with commas between them. Lambda takes 4 KB of variables in all (Lambda quotas).
ENDPOINTS = "STANCHION_ENDPOINTS"
# Ids, which is what AppConfig's control plane takes, and not names.
APPLICATION = "STANCHION_APPCONFIG_APPLICATION"
APP_CONFIG_ENVIRONMENT = "STANCHION_APPCONFIG_ENVIRONMENT"
PROFILE = "STANCHION_APPCONFIG_PROFILE"
STRATEGY = "STANCHION_APPCONFIG_STRATEGY"


@dataclass(frozen=True, slots=True)
class WriterSettings:
    """What one writer writes, and where.

    Args:
        environment: name of the environment.
        region: of the gateways, the table and the writer.
        intents_table: name of the table of intents.
        endpoints: names of the online endpoints that the region has.
        application: id in AppConfig.
        app_config_environment: id in AppConfig.
        profile: id in AppConfig.
        strategy: id of the strategy that deploys at once.
    """

    environment: str
    region: str
    intents_table: str
    endpoints: tuple[str, ...]
    application: str
    app_config_environment: str
    profile: str
    strategy: str

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Self:
        """From the environment variables.

        Raises:
            RoutingError: one is not set.
        """
        names = (
            *(ENVIRONMENT, REGION, INTENTS_TABLE, ENDPOINTS),
            *(APPLICATION, APP_CONFIG_ENVIRONMENT, PROFILE, STRATEGY),
        )
        missing = [name for name in names if name not in variables]
        if missing:
            raise RoutingError(f"the routing writer has no {', '.join(missing)}; the program sets them all.")
        values = {field.name: variables[name] for field, name in zip(fields(cls), names, strict=True)}
        endpoints = tuple(name for name in values.pop("endpoints").split(",") if name)
        return cls(endpoints=endpoints, **values)

    def variables(self) -> dict[str, str]:
        """As environment variables; the opposite of `read`."""
        return {
            ENVIRONMENT: self.environment,
            REGION: self.region,
            INTENTS_TABLE: self.intents_table,
            ENDPOINTS: ",".join(self.endpoints),
            APPLICATION: self.application,
            APP_CONFIG_ENVIRONMENT: self.app_config_environment,
            PROFILE: self.profile,
            STRATEGY: self.strategy,
        }
