"""Refusals of EventBridge Scheduler."""


class ScheduleError(Exception):
    """A request is refused.

    Args:
        message: what the client reads.
        code: one of the service's exceptions.
        status: of HTTP.
    """

    def __init__(self, message: str, code: str = "ValidationException", status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def absent(what: str) -> ScheduleError:
    """Something that is named is not there."""
    return ScheduleError(f"{what} does not exist.", "ResourceNotFoundException", 404)


def taken(what: str) -> ScheduleError:
    """Something of this name is there already."""
    return ScheduleError(f"{what} already exists.", "ConflictException", 409)
