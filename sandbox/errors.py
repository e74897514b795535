"""Errors of the local cloud."""

from stanchion.errors import RunFailedError, StanchionError


class SandboxError(StanchionError):
    """The local cloud can't do what was asked until the user changes something; the message says what."""


class SandboxFailedError(RunFailedError):
    """A step of the local cloud failed although its input was fine: a build, a download, a start."""
