"""What a layer publishes: a document with a version, and what is said when a consumer finds another one."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from stanchion.errors import StanchionError

# The engine's own mark for a value that is known only after the update; it stands in planned outputs.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class ContractError(StanchionError):
    """A producer's outputs are not what the consumer was written for."""


class Published(BaseModel):
    """A part of a contract: plain values, no field that the contract does not name, no secrets."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class Contract(Published):
    """The outputs of one layer.

    `contract_version` is semantic: a new optional field raises the minor number, a removed or retyped one the major.
    A document says its version in the field `version`.
    """

    layer: ClassVar[str]
    contract_version: ClassVar[str]

    version: str

    @classmethod
    def arrive(cls, document: object, *, producer: str, consumer: str) -> Self:
        """The document of a producer, validated for a consumer; values not known yet pass as they are.

        Args:
            document: what the producer published (or plans to) under the layer's name.
            producer: the producing stack's name, for the sentence.
            consumer: the consuming stack's name, for the sentence.

        Raises:
            ContractError: nothing published, another major version, a field that is missing or has another type.
        """
        if not isinstance(document, Mapping):
            raise ContractError(
                f"stack '{consumer}' needs the outputs '{cls.layer}' of stack '{producer}', which has published none; "
                f"run `pulumi up --stack {producer}` first."
            )
        published = cast("Mapping[str, object]", document)
        version = str(published.get("version", "none"))
        if version.split(".")[0] != cls.contract_version.split(".")[0]:
            raise ContractError(
                f"stack '{consumer}' was written for version {cls.contract_version} of the outputs '{cls.layer}', but "
                f"stack '{producer}' publishes version {version}; update the consumer to that version's contract, or "
                f"bring '{producer}' back to version {cls.contract_version.split('.')[0]}."
            )
        try:
            return cls.model_validate(published)
        except ValidationError as error:
            problems = [problem for problem in error.errors() if not _unknown(published, problem["loc"])]
            if not problems:
                return cls.model_construct(None, **published)
            said = "; ".join(_sentence(problem["loc"], problem["type"], problem["msg"]) for problem in problems)
            raise ContractError(
                f"stack '{consumer}' reads the outputs '{cls.layer}' (version {cls.contract_version}) of stack "
                f"'{producer}', which publishes version {version}: {said}. Run `pulumi up --stack {producer}` with the "
                "program that has this contract, or change the contract's version together with its consumers."
            ) from None


def _sentence(loc: tuple[int | str, ...], kind: str, message: str) -> str:
    field = ".".join(str(part) for part in loc)
    return f"field '{field}' is missing" if kind == "missing" else f"field '{field}' is retyped: {message}"


def _unknown(document: object, loc: tuple[int | str, ...]) -> bool:
    """Whether the value at loc, or one it lies in, is known only after the update."""
    value: Any = document
    for part in loc:
        if value == UNKNOWN:
            return True
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return False
    return contains_unknown(value)


def contains_unknown(value: object) -> bool:
    """Whether a planned value has a part that is known only after the update."""
    if isinstance(value, Mapping):
        return any(contains_unknown(item) for item in cast("Mapping[str, object]", value).values())
    if isinstance(value, list):
        return any(contains_unknown(item) for item in cast("list[object]", value))
    return value == UNKNOWN
