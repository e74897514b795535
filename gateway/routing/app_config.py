"""Asks AppConfig for the routing document."""

from typing import Any

from stanchion.serving.gateway_configuration import RoutingPlace


class AppConfigDocuments:
    """One session: a configuration comes when it is another one than the last time.

    Args:
        client: boto3's of `appconfigdata`.
        place: where the document is.
    """

    def __init__(self, client: Any, place: RoutingPlace) -> None:
        self._client, self._place = client, place
        self._token: str | None = None

    def __call__(self) -> bytes | None:
        """The newest document; None when it is the one given before.

        Raises:
            Exception: whatever the client raises; the next call begins a new session.
        """
        token, self._token = self._token, None
        if token is None:
            token = self._client.start_configuration_session(
                ApplicationIdentifier=self._place.application,
                EnvironmentIdentifier=self._place.environment,
                ConfigurationProfileIdentifier=self._place.profile,
                # What AppConfig takes is 15 s or more; a shorter pause than that is this gateway's own affair.
                RequiredMinimumPollIntervalInSeconds=max(15, round(self._place.poll_seconds)),
            )["InitialConfigurationToken"]
        answer = self._client.get_latest_configuration(ConfigurationToken=token)
        self._token = answer["NextPollConfigurationToken"]
        return answer["Configuration"].read() or None
