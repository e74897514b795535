"""A time in which nobody waits: whoever sleeps moves it on, and so can a test."""

BEGUN = 1_800_000_000.0


class HurriedTime:
    """Seconds since 1970, from BEGUN."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> float:
        return BEGUN + self.passed

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds
