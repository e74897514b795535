"""What stands for a container on the local cloud, where nothing runs containers."""

from collections.abc import Iterator, Sequence

from stanchion.spec.part import Broken
from stanchion.spec.refusal import Refusal


def word_rule(command: Sequence[str] | None) -> Iterator[Broken]:
    """A command that is given has a word."""
    if command is not None and not command:
        yield (
            "local_command",
            Refusal(
                "it has no word",
                allowed="a program and its arguments, or nothing",
                fix="write [python, -m, server], or remove local_command",
            ),
        )


def place_rule(key: str, command: Sequence[str] | None, *, local: bool) -> Iterator[Broken]:
    """A command is given for the local cloud only.

    Args:
        key: of the part that has it.
        command: the words.
        local: whether the environment is the local cloud's.
    """
    if command is not None and not local:
        yield (
            f"{key}.local_command",
            Refusal(
                "it is for the local cloud, and elsewhere the image runs as it is",
                allowed="local_command only with cloud: local",
                fix="remove it",
            ),
        )
