"""A circuit breaker for each slot: after failures in a row it is left alone, and one request at a time tries again."""

from dataclasses import dataclass

FAILURES = 5
# Doubled with each try that fails, up to the longest.
FIRST_SECONDS, LONGEST_SECONDS = 1.0, 30.0


@dataclass(slots=True)
class Breaker:
    """Closed while all is well, open while the slot is left alone.

    Args:
        failures: in a row.
        open_until: seconds of the clock of the callers; 0 when it is closed.
        pause: for which it was opened the last time.
        trying: whether a request is out that will say whether it can be closed.
    """

    failures: int = 0
    open_until: float = 0.0
    pause: float = 0.0
    trying: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the slot is left alone, a try aside."""
        return self.open_until > 0.0

    def allows(self, now: float) -> bool:
        """Whether a request may go to the slot; of an open one it is the try, whose end has to be told."""
        if not self.is_open:
            return True
        if now < self.open_until or self.trying:
            return False
        self.trying = True
        return True

    def succeeded(self) -> None:
        """An answer came."""
        self.failures, self.open_until, self.pause, self.trying = 0, 0.0, 0.0, False

    def failed(self, now: float) -> None:
        """None came: the server was gone, too slow, or said that it can't."""
        self.failures += 1
        if self.trying or self.failures >= FAILURES:
            self.pause = min(self.pause * 2 or FIRST_SECONDS, LONGEST_SECONDS)
            self.open_until = now + self.pause
        self.trying = False

    def left(self) -> None:
        """The request ended without saying anything of the slot: the client went."""
        self.trying = False
