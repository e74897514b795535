"""Prices with a date and a source: what is not in the list is unknown, and never free."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from stanchion.errors import StanchionError
from stanchion.serving.instances import catalogue

FILE = Path(__file__).with_name("unit_prices.json")
# In place of a version, in an event whose price is not known: its estimate counts for nothing.
UNKNOWN = "unknown"


class PriceError(StanchionError):
    """A price that can't be one."""


@dataclass(frozen=True, slots=True)
class TokenPrice:
    """Of an external model.

    Args:
        usd_in: for a million tokens that are asked with.
        usd_out: for a million tokens that come back.
    """

    usd_in: float
    usd_out: float


@dataclass(frozen=True, slots=True)
class UnitPrices:
    """A list of prices.

    Args:
        version: its date; events name it.
        sources: where the prices are from, by part of the list.
        regions: in which the prices of instances hold.
        per_vcpu: USD an hour for each vCPU, by family; its sizes cost as much for each.
        types: USD an hour by type, of families whose sizes do not.
        spot_share: of the price on demand that spot costs, 0 to 1.
        external: by name of the model.
    """

    version: str
    sources: Mapping[str, str]
    regions: frozenset[str]
    per_vcpu: Mapping[str, float]
    types: Mapping[str, float]
    spot_share: float
    external: Mapping[str, TokenPrice]

    def instance(self, name: str, region: str) -> float | None:
        """USD an hour on demand of an instance type; None when it is not in the list."""
        if region not in self.regions:
            return None
        if name in self.types:
            return self.types[name]
        family = self.per_vcpu.get(name.partition(".")[0])
        known = catalogue().get(name) if family is not None else None
        return None if family is None or known is None else family * known.vcpus

    def with_spot_share(self, share: float) -> "UnitPrices":
        """The same list with what a document says of spot; its version says so as well.

        Raises:
            PriceError: no share of a price.
        """
        if not 0 < share <= 1:
            raise PriceError(
                f"the price of spot is {share} of that on demand; allowed: above 0, to 1; fix: write 0.4, or what your "
                "bill says."
            )
        return replace(self, spot_share=share, version=f"{self.version}+spot-{share:g}")


@cache
def unit_prices(file: Path = FILE) -> UnitPrices:
    """The list that this release has.

    Raises:
        PriceError: something in it is no price.
    """
    read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    instances, external = read["instances"], read["external"]
    made = UnitPrices(
        version=read["version"],
        sources={part: read[part]["source"] for part in ("instances", "spot_share", "external")},
        regions=frozenset(instances["regions"]),
        per_vcpu=instances["per_vcpu"],
        types=instances["types"],
        spot_share=read["spot_share"]["value"],
        external={name: TokenPrice(each["in"], each["out"]) for name, each in external["per_million_tokens"].items()},
    )
    for name, usd in {**made.per_vcpu, **made.types, "spot": made.spot_share}.items():
        if not usd > 0:
            raise PriceError(f"{file.name}: the price of '{name}' is {usd}; allowed: above 0.")
    return made
