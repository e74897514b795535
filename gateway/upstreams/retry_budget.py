"""How many requests may be asked again: a share of all, so that failing servers are not asked ever more."""

from dataclasses import dataclass

# Finagle's and Envoy's default is a fifth; with it a slot that fails gets at most 1.2 times its load.
SHARE = 0.2
# Requests that are few would have no budget at all, and one at a time harms nobody.
LEAST, MOST = 3.0, 100.0


@dataclass(slots=True)
class RetryBudget:
    """Tokens: each request brings a part of one, each retry takes one."""

    tokens: float = LEAST * 3

    def request(self) -> None:
        """A request has come in."""
        self.tokens = min(self.tokens + SHARE, MOST)

    def take(self) -> bool:
        """Whether one may be asked again."""
        if self.tokens < 1.0:
            return False
        self.tokens -= 1.0
        return True

    def second(self) -> None:
        """A second has gone by: what brings the least number of retries back."""
        self.tokens = max(self.tokens, min(self.tokens + 1.0, LEAST))
