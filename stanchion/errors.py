"""The base of every error a user can cause or mend; the command line prints it as a sentence, never as a trace."""


class StanchionError(Exception):
    """A sentence for the user: what is wrong, which value, where, what is allowed, how to fix it.

    `exit_code` is what the command line leaves with: 2 for bad input or a missing precondition, 1 for a failed run.
    """

    exit_code = 2


class RunFailedError(StanchionError):
    """The input was fine and the run failed: an update, a start, a download."""

    exit_code = 1
