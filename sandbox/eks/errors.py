"""What EKS answers when it refuses."""

from sandbox.errors import SandboxError


class EksError(SandboxError):
    """A request that is refused.

    Args:
        code: EKS's own name of the error, such as `ResourceNotFoundException`.
        message: for people.
        status: of HTTP.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def not_found(what: str) -> EksError:
    """Something that is not there."""
    return EksError("ResourceNotFoundException", f"No {what}.", 404)


def in_use(message: str) -> EksError:
    """Something that is there already, or that still holds something."""
    return EksError("ResourceInUseException", message, 409)


def invalid(message: str) -> EksError:
    """A parameter that EKS does not take."""
    return EksError("InvalidParameterException", message)
