"""What every rule of the document raises: one sentence in three parts."""

from stanchion.errors import StanchionError


class Refusal(StanchionError, ValueError):
    """A value that is not taken: what is wrong with it, what is allowed, how to fix it.

    It is a ValueError so that pydantic collects it together with the other errors of a document.
    """

    def __init__(self, what: str, *, allowed: str, fix: str) -> None:
        self.what, self.allowed, self.fix = what, allowed, fix
        super().__init__(f"{what}; allowed: {allowed}; fix: {fix}{'' if fix.endswith('?') else '.'}")
