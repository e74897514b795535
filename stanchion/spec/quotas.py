"""Quotas of an endpoint: how much of it may be used, counted for whom and over which time."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from math import ceil
from typing import Annotated, Literal

from pydantic import Field

from stanchion.spec.numbers import Between
from stanchion.spec.part import Broken, Part
from stanchion.spec.refusal import Refusal
from stanchion.spec.units import Money

Scope = Literal["user", "key", "use_case"]
Window = Literal["minute", "day", "month"]
Unit = Literal["requests", "tokens", "usd"]
_AMOUNTS = ("requests", "tokens", "spend")
_MOST = 1_000_000_000_000


class EndpointQuota(Part):
    """One limit on what may be used of an endpoint; it holds on top of those of keys."""

    per: Scope = Field(
        description="Whom it is counted for: each `user` of a key, each `key`, or all keys of a `use_case`.",
        examples=["key"],
    )
    window: Window = Field(description="`minute`, `day` or `month`, by the calendar in UTC.", examples=["minute"])
    requests: Annotated[int, Between(1, _MOST, "requests")] | None = Field(
        default=None, description="Most requests; one of requests, tokens and spend is given."
    )
    tokens: Annotated[int, Between(1, _MOST, "tokens")] | None = Field(
        default=None, description="Most tokens in and out, of endpoints of kind llm."
    )
    spend: Money | None = Field(default=None, description="Most that may be spent, in USD, as estimated by request.")
    warn_at: Annotated[int, Between(1, 99, "percent")] | None = Field(
        default=None, description="Percent of it from which on answers carry a warning; none, unless said."
    )

    def rules(self) -> Iterator[Broken]:
        """One amount, and money that can be counted."""
        given = [key for key in _AMOUNTS if getattr(self, key) is not None]
        if len(given) != 1:
            what = f"{' and '.join(given)} are given together" if given else "it limits nothing"
            yield (
                given[1] if given else "requests",
                Refusal(
                    what,
                    allowed=f"exactly one of {', '.join(_AMOUNTS)}",
                    fix="write a quota for each of them" if given else "write requests: 600, or what may be used",
                ),
            )
        if self.spend is not None and self.spend.currency != "USD":
            yield (
                "spend",
                Refusal(
                    f"'{self.spend}' is not in USD, in which prices are and use is counted",
                    allowed="an amount in USD",
                    fix="write it such as 500 USD",
                ),
            )
        elif self.spend is not None and not self.spend.amount:
            yield (
                "spend",
                Refusal(f"'{self.spend}' lets nobody in", allowed="an amount above 0", fix="write it such as 500 USD"),
            )

    @property
    def unit(self) -> Unit:
        """What is counted."""
        if self.spend is not None:
            return "usd"
        return "requests" if self.requests is not None else "tokens"

    @property
    def hard(self) -> float:
        """From which on requests are refused."""
        return float(self._limit)

    @property
    def soft(self) -> float | None:
        """From which on answers carry a warning; None for none. What is counted in whole numbers is rounded up."""
        if self.warn_at is None:
            return None
        share = self._limit * self.warn_at / 100
        return float(share) if self.unit == "usd" else float(ceil(share))

    @property
    def _limit(self) -> Decimal:
        if self.spend is not None:
            return self.spend.amount
        return Decimal(self.requests or self.tokens or 0)


def quota_rules(quotas: Sequence[EndpointQuota], kind: str) -> Iterator[Broken]:
    """Quotas that can be counted, each limit said once.

    Args:
        quotas: of one endpoint.
        kind: of the endpoint.
    """
    first: dict[tuple[Scope, Window, Unit], int] = {}
    for number, quota in enumerate(quotas):
        key = f"quotas.{number}"
        if quota.tokens is not None and kind != "llm":
            yield (
                f"{key}.tokens",
                Refusal(
                    f"an endpoint of kind {kind} counts no tokens",
                    allowed="requests or spend, or tokens with kind: llm",
                    fix="write requests: in place of it",
                ),
            )
        other = first.setdefault((quota.per, quota.window, quota.unit), number)
        if other != number:
            yield (
                key,
                Refusal(
                    f"{quota.unit} per {quota.per} and {quota.window} have a limit already, quotas[{other}]",
                    allowed="one limit for each of per, window and what is counted",
                    fix="remove the looser one",
                ),
            )
