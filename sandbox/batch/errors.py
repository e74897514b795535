"""Refusals of AWS Batch."""


class BatchError(Exception):
    """A request is refused.

    Args:
        message: what the client reads.
        code: the service's; all mistakes of clients have one (Batch API reference, common errors).
        status: of HTTP.
    """

    def __init__(self, message: str, code: str = "ClientException", status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def absent(what: str) -> BatchError:
    """Something that is named is not there."""
    return BatchError(f"{what} does not exist")
