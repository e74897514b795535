"""The routing document of a region: what gateways go by, written by one writer and read by all gateways."""

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stanchion.errors import StanchionError
from stanchion.serving.slots import FIRST_SLOT, Slot
from stanchion.spec.endpoints import Rung
from stanchion.spec.models import VariantName

# A new optional field raises the second number; gateways take every document with their own first one.
SCHEMA_VERSION = "1.0"
SplitBy = Literal["request", "user"]
# Who may want something of the routing, the strongest first.
Source = Literal["operator", "guard", "budget", "ladder", "rollout"]
PRECEDENCE: tuple[Source, ...] = ("operator", "guard", "budget", "ladder", "rollout")


class RoutingError(StanchionError):
    """A routing document or intent that can't be gone by."""


class _Routed(BaseModel):
    """A part of the document; what a later writer adds is left aside."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Reason(_Routed):
    """Why a field is as it is.

    Args:
        field: `rung`, `weights.full` and so on.
        source: whose intent it follows.
        reason: in that one's words.
        expires_at: until when; None for no end.
    """

    field: str
    source: Source
    reason: str
    expires_at: datetime | None = None


class EndpointRoute(_Routed):
    """How the requests of one endpoint are served.

    Args:
        rung: the best rung that may serve; requests start there and fall to the next ones of the ladder.
        weights: by variant, the share of each slot, as whole numbers that need not add up to anything; one that is not
            named gets nothing.
        split_by: whether requests are split one by one, or users, each of whom always gets the same slot.
        experiment: what the split is called in events, if it is one.
        reasons: why it is so, for people.
    """

    rung: Rung = "full"
    weights: dict[VariantName, dict[Slot, int]] = Field(default_factory=dict[VariantName, dict[Slot, int]])
    split_by: SplitBy = "request"
    experiment: str | None = None
    reasons: tuple[Reason, ...] = ()

    @model_validator(mode="after")
    def _some_slot_serves(self) -> Self:
        for variant, weights in self.weights.items():
            if any(weight < 0 for weight in weights.values()) or not any(weights.values()):
                raise ValueError(f"the weights of variant '{variant}' are {weights}: none below 0, and one above it")
        return self

    def slots(self, variant: VariantName) -> dict[Slot, int]:
        """The share of each slot of a variant; the first slot has all when nothing is said."""
        return self.weights.get(variant) or {FIRST_SLOT: 1}


class RoutingDocument(_Routed):
    """All endpoints of one region.

    Args:
        schema_version: of this form.
        environment: whose it is.
        region: of the gateways that go by it.
        epoch: rises with each document; a gateway never goes back to a lower one.
        written_at: when.
        endpoints: by name.
    """

    schema_version: str = SCHEMA_VERSION
    environment: str
    region: str
    epoch: int = Field(ge=0)
    written_at: datetime
    endpoints: dict[str, EndpointRoute]

    @classmethod
    def read(cls, text: str | bytes, *, environment: str, region: str) -> Self:
        """From what was published.

        Args:
            environment: of the reader; another one's document is refused.
            region: of the reader.

        Raises:
            RoutingError: not a document, one of another major version, or of another environment or region.
        """
        try:
            document = cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "document"
            raise RoutingError(f"the routing document is not one: {where}: {first['msg']}.") from None
        if document.schema_version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
            raise RoutingError(
                f"the routing document has version {document.schema_version}; allowed: {SCHEMA_VERSION} and later ones "
                "of the same first number."
            )
        if (document.environment, document.region) != (environment, region):
            raise RoutingError(
                f"the routing document is for environment '{document.environment}' in {document.region}, and this is "
                f"'{environment}' in {region}."
            )
        return document
