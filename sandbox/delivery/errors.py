"""What was not delivered, and whether another attempt could change that."""

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

# Of the 4xx, those that pass (botocore's retry rules: timeouts and throttling).
_PASSING_STATUSES = (408, 429)
_THROTTLED = ("Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown")
# The local cloud's own word for a service that it does not have.
_NEVER = 501


class NotDeliveredError(Exception):
    """A target did not take what was sent to it.

    Args:
        message: a sentence.
        code: the service's own, as dead-letter queues name it.
        lasting: the same would be refused again.
    """

    def __init__(self, message: str, code: str, *, lasting: bool) -> None:
        super().__init__(message)
        self.code = code
        self.lasting = lasting


def not_delivered(error: BotoCoreError | ClientError) -> NotDeliveredError:
    """What a client's error means for a delivery."""
    if not isinstance(error, ClientError):
        code = type(error).__name__
        return NotDeliveredError(str(error), code, lasting=isinstance(error, ParamValidationError))
    code = str(error.response.get("Error", {}).get("Code", "Unknown"))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))
    passing = status in _PASSING_STATUSES or any(word in code for word in _THROTTLED)
    return NotDeliveredError(str(error), code, lasting=status == _NEVER or (400 <= status < 500 and not passing))
