"""Why somebody does not get in. None of it repeats what was presented: messages end in logs."""

from gateway.refusals import RefusedError


class UnauthenticatedError(RefusedError):
    """Nobody known: 401."""

    def __init__(self, message: str) -> None:
        super().__init__(401, "unauthenticated", message, {"www-authenticate": 'Bearer realm="stanchion"'})


class ForbiddenError(RefusedError):
    """Known, and not allowed this: 403."""

    def __init__(self, message: str) -> None:
        super().__init__(403, "forbidden", message)


class CantTellError(RefusedError):
    """Whether the caller is known can't be found out now: 503, since 401 would make clients throw a good key away."""

    def __init__(self, message: str) -> None:
        super().__init__(503, "authentication_unavailable", message, {"retry-after": "5"})
