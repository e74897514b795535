"""A region's intents and its document in service, as `stanchion route` reaches them."""

from functools import partial
from typing import Any

from stanchion.errors import RunFailedError, StanchionError
from stanchion.routing.document import RoutingDocument, RoutingError, Source
from stanchion.routing.intents import RoutingIntent, delete_request, intent_of, key_of, outdated, put_request
from stanchion.routing.places import Places

_OPERATOR: Source = "operator"


class RegionalRouting:
    """The table of intents of a region, and AppConfig.

    Args:
        session: boto3's.
        environment: name of the environment.
        region: the region.

    Raises:
        StanchionError: from each method, when the cloud refuses or does not answer.
    """

    def __init__(self, session: Any, environment: str, region: str) -> None:
        # Heavy, and of no use to commands that reach no cloud.
        from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs]

        self.environment, self.region = environment, region
        self._places = Places(environment, region)
        patience = Config(connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 2})
        self._client: Any = partial(session.client, region_name=region, config=patience)
        dynamodb: Any = session.resource("dynamodb", region_name=region, config=patience)
        self._table: Any = dynamodb.Table(self._places.intents_table)

    def intents(self) -> tuple[list[RoutingIntent], dict[str, str]]:
        """All of them; and by endpoint, why one can't be read."""
        intents: list[RoutingIntent] = []
        unreadable: dict[str, str] = {}
        start: dict[str, Any] = {}
        while True:
            answer = self._call("scan", ConsistentRead=True, **start)
            for item in answer["Items"]:
                try:
                    intents.append(intent_of(item))
                except RoutingError as error:
                    unreadable[str(item.get("endpoint"))] = str(error)
            if "LastEvaluatedKey" not in answer:
                return intents, unreadable
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def stored_epoch(self, endpoint: str) -> int | None:
        """The epoch of the operator's intent in the table; None when there is none."""
        item = self._call("get_item", Key=key_of(endpoint, _OPERATOR), ConsistentRead=True).get("Item")
        return None if item is None else int(item.get("epoch", 0))

    def put(self, intent: RoutingIntent) -> None:
        """Put an operator's intent into the table; refused when another one came since."""
        self._call("put_item", (intent.endpoint, intent.epoch), **put_request(intent))

    def delete(self, endpoint: str, epoch: int) -> None:
        """Take the operator's intent out of the table; refused when another one came since.

        Args:
            endpoint: its name.
            epoch: of the intent that was seen.
        """
        self._call("delete_item", (endpoint, epoch), **delete_request(endpoint, _OPERATOR, epoch))

    def in_service(self) -> RoutingDocument | None:
        """The document that gateways get now; None when nothing is published."""
        from botocore.exceptions import BotoCoreError, ClientError  # pyright: ignore[reportMissingTypeStubs]

        place = self._places
        try:
            client = self._client("appconfigdata")
            token = client.start_configuration_session(
                ApplicationIdentifier=place.application,
                EnvironmentIdentifier=place.app_config_environment,
                ConfigurationProfileIdentifier=place.profile,
            )["InitialConfigurationToken"]
            text = client.get_latest_configuration(ConfigurationToken=token)["Configuration"].read()
        except ClientError as error:
            if _code(error) == "ResourceNotFoundException":
                return None
            raise RunFailedError(f"AppConfig refuses to tell the document in service: {error}") from None
        except BotoCoreError as error:
            raise RunFailedError(f"AppConfig can't be asked for the document in service: {error}") from None
        return RoutingDocument.read(text, environment=self.environment, region=self.region) if text else None

    def _call(self, operation: str, about: tuple[str, int] | None = None, **arguments: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError  # pyright: ignore[reportMissingTypeStubs]

        table = self._places.intents_table
        try:
            return getattr(self._table, operation)(**arguments)
        except ClientError as error:
            code = _code(error)
            if code == "ConditionalCheckFailedException" and about is not None:
                raise outdated(about[0], _OPERATOR, about[1]) from None
            if code == "ResourceNotFoundException":
                raise StanchionError(
                    f"environment '{self.environment}' has no table of intents '{table}' there; the control "
                    f"stack of the region makes it, run `stanchion up --environment {self.environment}`."
                ) from None
            raise RunFailedError(f"table '{table}' refuses {operation.replace('_', ' ')}: {error}") from None
        except BotoCoreError as error:
            raise RunFailedError(f"table '{table}' can't be reached: {error}") from None


def _code(error: Any) -> str:
    return str(error.response["Error"]["Code"])
