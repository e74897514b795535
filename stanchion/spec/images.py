"""Images of containers, always by digest."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, WithJsonSchema

from stanchion.spec.part import Broken, Part
from stanchion.spec.refusal import Refusal, shown, unknown
from stanchion.spec.text import Form

DIGEST = "[0-9a-f]{64}"
# A repository alone is one of storage.repositories; with a registry before it, it is taken as it is.
_REPOSITORY = r"([A-Za-z0-9.-]+(:[0-9]{1,5})?/)?[a-z0-9]+([._/-]+[a-z0-9]+)*"
_PATTERN = f"^{_REPOSITORY}@sha256:{DIGEST}$"
_ALLOWED = "a repository of storage.repositories or a full reference, then @sha256: and 64 digits of 0-9 and a-f"


def _image(value: str) -> str:
    try:
        return Form(_PATTERN, _ALLOWED, "write repository@sha256:digest").check(value)
    except Refusal as refusal:
        if "@" in value:
            raise
        raise Refusal(
            f"'{shown(value)}' has no digest, so a node that starts tomorrow may run something else",
            allowed=refusal.allowed,
            fix="write the digest that the registry shows for it, as in models@sha256:...",
        ) from None


_SCHEMA: dict[str, Any] = {"type": "string", "pattern": _PATTERN}
Image = Annotated[str, AfterValidator(_image), WithJsonSchema(_SCHEMA)]


class FromImage(Part):
    """What runs from an image."""

    image: Image

    @property
    def repository(self) -> str | None:
        """The repository of storage.repositories that its image lies in; None when the reference names a registry."""
        name = self.image.partition("@")[0]
        first, slash, _ = name.partition("/")
        return None if slash and ("." in first or ":" in first) else name

    @property
    def digest(self) -> str:
        """`sha256:` and what follows it."""
        return self.image.partition("@")[2]


def repository_rule(key: str, each: FromImage, repositories: Sequence[str]) -> Iterator[Broken]:
    """The repository of an image is one of ours, or its reference names a registry.

    Args:
        key: of the part that has it.
        each: the part.
        repositories: those of storage.
    """
    if each.repository is not None and each.repository not in repositories:
        yield f"{key}.image", unknown(each.repository, "a repository", repositories, where="storage.repositories")
