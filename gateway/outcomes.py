"""What became of a request, as `stanchion/views/requests.sql` has it, so that all who count mean the same."""

from collections.abc import Callable

from stanchion.events.inference import Status
from stanchion.spec.endpoints import Rung

# Those that have an answer, and the platform's failures. The others, a caller's quota and a caller's leaving, count
# neither way.
GOOD: frozenset[Status] = frozenset({"answered", "cached", "ticket"})
BAD: frozenset[Status] = frozenset({"error", "timeout", "shed"})

# A request ended: of which endpoint, with which status, on which rung, and after how many milliseconds from the begin
# of its first attempt to the last byte of its last one, and to the first; None where there was none.
Ended = Callable[[str, Status, Rung, float, float | None], None]
