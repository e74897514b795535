"""The ladder: what is served, from the best there is down to a ticket for people."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

from stanchion.spec.part import Broken
from stanchion.spec.refusal import Refusal

Rung = Literal["full", "quantized", "cached", "human"]
RUNGS: tuple[Rung, ...] = ("full", "quantized", "cached", "human")


def ladder_rules(ladder: Sequence[Rung]) -> Iterator[Broken]:
    """The ladder goes down, from the whole model on; each rung is on it once."""
    allowed = f"{', '.join(RUNGS)} in this order, each at most once, full always"
    if not ladder or ladder[0] != "full":
        first = f"starts with '{ladder[0]}'" if ladder else "is empty"
        right = ", ".join(rung for rung in RUNGS if rung == "full" or rung in ladder)
        yield (
            "ladder",
            Refusal(f"it {first}, and the best there is comes first", allowed=allowed, fix=f"write [{right}]"),
        )
        return
    for above, rung in pairwise(ladder):
        if RUNGS.index(rung) <= RUNGS.index(above):
            what = f"'{rung}' is listed twice" if ladder.count(rung) > 1 else f"'{rung}' comes after '{above}'"
            right = ", ".join(each for each in RUNGS if each in ladder)
            yield ("ladder", Refusal(what, allowed=allowed, fix=f"write [{right}]"))
            return
