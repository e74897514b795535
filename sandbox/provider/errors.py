"""Errors of the provider: sentences that the engine shows beside the resource they concern."""

from typing import Any

from stanchion.errors import RunFailedError, StanchionError


class ProviderError(RunFailedError):
    """An operation on a resource did not succeed."""


class ConfigurationError(StanchionError):
    """The provider's configuration cannot be used, or points at an account that is not allowed."""


class UnsupportedTypeError(StanchionError):
    """There is no row for a resource type."""

    def __init__(self, token: str) -> None:
        super().__init__(
            f"the local cloud does not support the type {token}: add a row for it in sandbox/provider/rows/ "
            "(sandbox/provider/README.md says how), or a reason in sandbox/provider/state_only.py if no emulator has it"
        )


class PartlyCreatedError(ProviderError):
    """A resource exists but a later step of its creation or change failed, so the engine has to record it.

    Args:
        identity: the id it has in the cloud.
        state: the properties known so far.
        reason: what failed, as a sentence.
    """

    def __init__(self, identity: str, state: dict[str, Any], reason: str) -> None:
        super().__init__(reason)
        self.identity = identity
        self.state = state
