"""How long to wait for an object, and how often to look."""

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.kubernetes_provider.objects import TIMEOUT_SECONDS, annotation
from sandbox.provider.errors import ProviderError

DEFAULT_SECONDS = 600.0  # as the official provider
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0


@dataclass(frozen=True)
class Patience:
    """A time to wait, cut short when the engine cancels.

    Args:
        seconds: at most.
        cancelled: set when the engine wants to end.
    """

    seconds: float = DEFAULT_SECONDS
    cancelled: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def of(cls, document: Mapping[str, Any], timeout: float, cancelled: threading.Event) -> "Patience":
        """As the resource's `customTimeouts` say, else the annotation `pulumi.com/timeoutSeconds`, else ten minutes."""
        said = annotation(document, TIMEOUT_SECONDS)
        annotated = float(said) if said.isdecimal() else 0.0
        return cls(timeout or annotated or DEFAULT_SECONDS, cancelled)

    def looks(self) -> Iterator[None]:
        """One turn for each look; ends when the time is over.

        Raises:
            ProviderError: the engine cancels.
        """
        deadline, pause = time.monotonic() + self.seconds, _FIRST_PAUSE
        while True:
            yield
            left = deadline - time.monotonic()
            if left <= 0:
                return
            if self.cancelled.wait(min(pause, left)):
                raise ProviderError("waiting was cancelled")
            pause = min(1.5 * pause, _LONGEST_PAUSE)
