"""What somebody wants of the routing of an endpoint, and how it lies in the table of intents.

The table has one item for each endpoint and source: partition key `endpoint`, sort key `source`. A source that wants
something else replaces its item.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Self, cast

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from stanchion.routing.document import RoutingError, Source, SplitBy
from stanchion.serving.slots import Slot
from stanchion.spec.endpoints import Rung
from stanchion.spec.models import VariantName

LONGEST_REASON = 300
# Weights are shares; no split needs finer ones.
LARGEST_WEIGHT = 1_000_000
Weight = Annotated[int, Field(strict=True, ge=0, le=LARGEST_WEIGHT)]


def _one_line(text: str) -> str:
    # It is shown in terminals, where a control character is more than text.
    if not text.strip() or not text.isprintable():
        raise ValueError("one line of text, and not only blanks")
    return text


def _whole_seconds(moment: datetime | None) -> datetime | None:
    # DynamoDB's time to live counts in seconds: the same moment before and after it was stored.
    return None if moment is None else moment.astimezone(UTC).replace(microsecond=0)


class _Wanted(BaseModel):
    """Closed: what a later source says and this version does not know can't be obeyed in part."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Change(_Wanted):
    """What is wanted; each field that is set, and no other.

    Args:
        rung: the best rung that may serve.
        weights: by variant, the share of each slot.
        split_by: whether requests or users are split. It goes together with `experiment`: who sets one of the two
            decides both.
        experiment: what the split is called in events.
    """

    rung: Rung | None = None
    weights: dict[VariantName, dict[Slot, Weight]] = Field(default_factory=dict[VariantName, dict[Slot, int]])
    split_by: SplitBy | None = None
    experiment: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.fields:
            raise ValueError("nothing is wanted: set rung, weights, split_by or experiment")
        # A route refuses it, too; here it does not get into the table.
        for variant, shares in self.weights.items():
            if not any(shares.values()):
                raise ValueError(f"the weights of variant '{variant}' are {shares}: one of them has to be above 0")
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """Which fields of a route it decides, by the names that reasons have."""
        rung = ("rung",) if self.rung is not None else ()
        weights = tuple(f"weights.{variant}" for variant in sorted(self.weights))
        split = ("split_by",) if self.split_by is not None or self.experiment is not None else ()
        return rung + weights + split


class RoutingIntent(_Wanted):
    """Who wants what of which endpoint, why, and until when.

    Args:
        endpoint: its name.
        source: who wants it.
        change: what is wanted.
        epoch: rises with each intent of this source for this endpoint; the table refuses one that is not higher than
            the one it holds.
        expires_at: from when on it does not count, in whole seconds; None for no end, as for the version that a rollout
            left in service.
        reason: in one line, for people.
    """

    endpoint: Annotated[str, Field(min_length=1, max_length=63)]
    source: Source
    change: Change
    epoch: Annotated[int, Field(strict=True, ge=1)]
    expires_at: Annotated[AwareDatetime | None, AfterValidator(_whole_seconds)] = None
    reason: Annotated[str, Field(max_length=LONGEST_REASON), AfterValidator(_one_line)]

    def counts(self, now: datetime) -> bool:
        """Whether it has not expired."""
        return self.expires_at is None or self.expires_at > now


def make_intent(**fields: Any) -> RoutingIntent:
    """An intent from values that a person or another program gave.

    Raises:
        RoutingError: with the field that is wrong.
    """
    try:
        return RoutingIntent.model_validate(fields)
    except ValidationError as error:
        raise RoutingError(f"this can't be an intent: {_said(error)}.") from None


def epoch_after(stored: int | None, now: datetime) -> int:
    """The epoch of a source's next intent.

    It follows the clock, so that one that was removed from the table is still behind the next one.

    Args:
        stored: of the source's intent in the table; None when there is none.
        now: the time.
    """
    return max((stored or 0) + 1, int(now.timestamp() * 1000))


def item_of(intent: RoutingIntent) -> dict[str, Any]:
    """As it lies in the table; `expires_at` in seconds since 1970, and absent for no end."""
    item: dict[str, Any] = {
        **key_of(intent.endpoint, intent.source),
        "change": intent.change.model_dump(mode="json", exclude_defaults=True),
        "epoch": intent.epoch,
        "reason": intent.reason,
    }
    if intent.expires_at is not None:
        item["expires_at"] = int(intent.expires_at.timestamp())
    return item


def intent_of(item: Mapping[str, Any]) -> RoutingIntent:
    """From the table, whose numbers boto3 gives as Decimal.

    Raises:
        RoutingError: it is not one, or one that this version does not know.
    """
    known = cast("dict[str, Any]", _plain(dict(item)))
    try:
        if "expires_at" in known:
            known["expires_at"] = datetime.fromtimestamp(known["expires_at"], UTC)
        return RoutingIntent.model_validate(known)
    except ValidationError as error:
        said = _said(error)
    except (TypeError, ValueError, OverflowError, OSError):
        said = "expires_at: not a time in seconds since 1970"
    raise RoutingError(
        f"the intent of '{known.get('source')}' for endpoint '{known.get('endpoint')}' can't be read: {said}."
    )


def key_of(endpoint: str, source: Source) -> dict[str, str]:
    """The key of an item."""
    return {"endpoint": endpoint, "source": source}


def put_request(intent: RoutingIntent) -> dict[str, Any]:
    """What DynamoDB is asked to put: refused when the table has its epoch or a higher one."""
    return {
        "Item": item_of(intent),
        "ConditionExpression": "attribute_not_exists(#epoch) OR #epoch < :epoch",
        "ExpressionAttributeNames": {"#epoch": "epoch"},
        "ExpressionAttributeValues": {":epoch": intent.epoch},
    }


def delete_request(endpoint: str, source: Source, epoch: int) -> dict[str, Any]:
    """What DynamoDB is asked to delete: the intent that was seen, and not one that came since.

    Args:
        endpoint: its name.
        source: whose intent.
        epoch: of the intent that was seen.
    """
    return {
        "Key": key_of(endpoint, source),
        "ConditionExpression": "#epoch = :epoch",
        "ExpressionAttributeNames": {"#epoch": "epoch"},
        "ExpressionAttributeValues": {":epoch": epoch},
    }


def outdated(endpoint: str, source: Source, epoch: int) -> RoutingError:
    """What is said when the table refused a request."""
    return RoutingError(
        f"the intent of '{source}' for endpoint '{endpoint}' was changed by somebody else: the table does not hold "
        f"what epoch {epoch} follows; look at `stanchion route show`, and say it again if it is still wanted."
    )


def _plain(value: Any) -> Any:
    """Whole numbers in place of Decimals; what is not whole stays what it is, and is refused."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in cast("dict[str, Any]", value).items()}
    return value


def _said(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in each['loc']) or 'intent'}: {each['msg'].removeprefix('Value error, ')}"
        for each in error.errors(include_url=False)
    )
