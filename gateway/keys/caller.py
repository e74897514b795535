"""Whose request it is, what may be used with it, and which endpoints may be asked."""

from dataclasses import dataclass, replace

from gateway.keys.refused import ForbiddenError
from stanchion.serving.gateway_configuration import EndpointPlace, Quota


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose request it is.

    Args:
        key_id: of the key, never the key; `oidc-<team>` for a token.
        team: whom it belongs to.
        use_case: what it is for.
        user: whom the client acts for; empty when it does not say.
        limits: on what may be used, on top of those of the endpoint.
        endpoints: that may be asked; all of the use case when empty.
        user_proven: whether the user is what a token says, which no header may change.
    """

    key_id: str
    team: str
    use_case: str
    user: str = ""
    limits: tuple[Quota, ...] = ()
    endpoints: tuple[str, ...] = ()
    user_proven: bool = False

    def acting_for(self, user: str) -> "Caller":
        """With the user that the request declares; a token's own user stays."""
        return self if self.user_proven or not user else replace(self, user=user)


def authorise(caller: Caller, endpoint: str, place: EndpointPlace) -> None:
    """Let a caller ask an endpoint, or not.

    Args:
        caller: who asks.
        endpoint: its name.
        place: of the endpoint.

    Raises:
        ForbiddenError: it is of another use case, or not among those that the key is for.
    """
    if caller.use_case != place.use_case:
        raise ForbiddenError(
            f"endpoint '{endpoint}' is for use case '{place.use_case}', and this key is for '{caller.use_case}'; "
            "take a key of that use case."
        )
    if caller.endpoints and endpoint not in caller.endpoints:
        raise ForbiddenError(
            f"this key is for {', '.join(caller.endpoints)}, and not for endpoint '{endpoint}'; take another key."
        )
