"""What the parts of routing are called in a region, so that who makes them and who looks for them agree."""

from dataclasses import dataclass

from stanchion.serving.gateway_configuration import RoutingPlace


@dataclass(frozen=True, slots=True)
class Places:
    """The names by convention.

    Args:
        environment: name of the environment.
        region: where its gateways run.
    """

    environment: str
    region: str

    @property
    def intents_table(self) -> str:
        """The table of intents, in DynamoDB."""
        return f"{self.environment}-routing-intents"

    @property
    def application(self) -> str:
        """The application, in AppConfig."""
        return f"{self.environment}-routing"

    @property
    def app_config_environment(self) -> str:
        """What AppConfig calls an environment: here a region, since each has a document of its own."""
        return self.region

    @property
    def profile(self) -> str:
        """The configuration profile, whose versions are routing documents."""
        return "routing"

    @property
    def strategy(self) -> str:
        """The deployment strategy: all gateways at once, and no time to bake."""
        return f"{self.environment}-at-once"

    def gateway(self, poll_seconds: float = 15.0) -> RoutingPlace:
        """Where a gateway asks for its document.

        Args:
            poll_seconds: between two questions.
        """
        return RoutingPlace(
            application=self.application,
            environment=self.app_config_environment,
            profile=self.profile,
            poll_seconds=poll_seconds,
        )
