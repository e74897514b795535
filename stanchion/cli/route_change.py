"""What an operator wants, from the words of the command line; what the document does not have is refused."""

from typing import Any, get_args

from stanchion.routing.document import SplitBy
from stanchion.routing.intents import LARGEST_WEIGHT
from stanchion.serving.slots import SLOTS
from stanchion.spec import Environment, OnlineEndpoint, Refusal
from stanchion.spec.refusal import shown, unknown
from stanchion.spec.units import Duration

# An operator's wish is for an incident; what is to stay belongs into the document or a rollout.
LONGEST = Duration(30 * 86400)


def endpoint_of(spec: Environment, name: str) -> OnlineEndpoint:
    """The online endpoint of a name.

    Raises:
        Refusal: there is none.
    """
    if name not in spec.online_endpoints:
        raise unknown(
            name, f"an online endpoint of environment '{spec.name}'", spec.online_endpoints, where="endpoints"
        )
    return spec.online_endpoints[name]


def change_of(
    endpoint: OnlineEndpoint, rung: str | None, weights: list[str], split_by: str | None, experiment: str | None
) -> dict[str, Any]:
    """What is wanted, as fields of `Change`.

    Args:
        endpoint: as its document has it.
        rung: of its ladder.
        weights: each such as `full=blue:90,green:10`.
        split_by: `request` or `user`.
        experiment: what the split is called.

    Raises:
        Refusal: the endpoint has no such rung, variant or slot, or nothing is wanted.
    """
    if rung is not None and rung not in endpoint.ladder:
        raise unknown(rung, "a rung of the endpoint's ladder", endpoint.ladder, where="ladder")
    if split_by is not None and split_by not in get_args(SplitBy):
        raise Refusal(
            f"'{shown(split_by)}' is nothing that is split",
            allowed=", ".join(get_args(SplitBy)),
            fix="take one of these",
        )
    change = {
        "rung": rung,
        "weights": _weights(endpoint, weights),
        "split_by": split_by,
        "experiment": experiment,
    }
    if not any(change.values()):
        raise Refusal(
            "nothing is wanted",
            allowed="one or more of --rung, --weights, --split-by and --experiment",
            fix="add one, such as --rung cached",
        )
    return change


def _weights(endpoint: OnlineEndpoint, given: list[str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for text in given:
        variant, _, shares = text.partition("=")
        if variant not in endpoint.variants:
            raise unknown(variant, "a variant of the endpoint", endpoint.variants, where="ladder")
        if variant in found:
            raise _no_weights(text, f"variant '{variant}' has weights twice")
        found[variant] = _shares(text, shares)
    return found


def _shares(text: str, shares: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for share in shares.split(","):
        slot, _, number = share.partition(":")
        if slot not in SLOTS:
            raise _no_weights(text, f"'{shown(slot)}' is not a slot ({', '.join(SLOTS)})")
        if slot in found:
            raise _no_weights(text, f"slot '{slot}' has two weights")
        if not (number.isascii() and number.isdecimal()) or len(number) > 7 or int(number) > LARGEST_WEIGHT:
            raise _no_weights(text, f"'{shown(number)}' is not a whole number from 0 to {LARGEST_WEIGHT}")
        found[slot] = int(number)
    if not any(found.values()):
        raise _no_weights(text, "no slot has a weight above 0, so nothing would serve")
    return found


def _no_weights(text: str, why: str) -> Refusal:
    return Refusal(
        f"'{shown(text)}' are no weights: {why}",
        allowed="a variant, then slots with a weight each",
        fix="write it such as full=blue:90,green:10",
    )


def duration_of(text: str) -> Duration:
    """How long an operator's intent counts.

    Raises:
        Refusal: no duration, nothing, or too long.
    """
    duration = Duration.parse(text)
    if not 0 < duration.seconds <= LONGEST.seconds:
        raise Refusal(
            f"'{duration}' is not how long an operator's intent can count",
            allowed=f"above 0 and at most {LONGEST}",
            fix="write 2h; what is to stay belongs into the document or a rollout",
        )
    return duration
