"""Models: the variants of each, what they are made of, and what it takes to start them."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from stanchion.spec.images import DIGEST, FromImage, Image
from stanchion.spec.local_command import word_rule
from stanchion.spec.numbers import Between
from stanchion.spec.part import Broken, Part
from stanchion.spec.pools import POOL_NAME
from stanchion.spec.refusal import Refusal
from stanchion.spec.text import Form
from stanchion.spec.units import Cores, Duration, Size

VariantName = Literal["full", "quantized"]
VARIANTS: tuple[VariantName, ...] = ("full", "quantized")
MODEL_NAME = Form(
    "^[a-z][a-z0-9-]{0,48}[a-z0-9]$",
    "2 to 50 small letters, digits and dashes, a letter first and no dash last",
    "write a name such as support-llm",
)
_SHA256 = Form(
    f"^{DIGEST}$",
    "64 digits of 0-9 and a-f",
    "write what `sha256sum SHA256SUMS` prints, in double quotes when it has digits only",
)
KEY_PREFIX = Form(
    "^[A-Za-z0-9][A-Za-z0-9._=-]*(/[A-Za-z0-9][A-Za-z0-9._=-]*)*$",
    "a prefix of keys such as support-llm/2026-05, without a slash at its ends",
    "write folders of letters, digits and . _ = -, with / between them",
)


class Weights(Part):
    """A model's files, below the bucket of models."""

    prefix: Annotated[str, KEY_PREFIX] = Field(
        description="Where its files lie in the bucket of models.", examples=["support-llm/2026-05"]
    )
    size: Size = Field(description="All of its files together.", examples=["16GiB"])
    sha256: Annotated[str, _SHA256] = Field(
        description="Checksum of the file SHA256SUMS there, which has those of all others.", examples=["<64 digits>"]
    )


class Resources(Part):
    """What one replica gets of its node."""

    cpu: Cores = Field(description='vCPUs, in double quotes: "6", or "500m" for half of one.', examples=['"6"'])
    memory: Size = Field(description="Memory; a replica that takes more is ended.", examples=["24GiB"])
    accelerators: Annotated[int, Between(0, 64, "accelerators")] = Field(
        default=0, description="Accelerators of the pool's kind."
    )


class Variant(FromImage):
    """One form of a model: whole, or quantized to need less."""

    image: Image = Field(
        description="Image of the server by digest: a repository of storage.repositories, or a full reference.",
        examples=["models@sha256:<64 digits>"],
    )
    weights: Weights = Field(
        description="The model's files.", examples=["{prefix: support-llm/2026-05, size: 16GiB, sha256: <64 digits>}"]
    )
    image_size: Size = Field(description="Size of the image, of which the time to pull it follows.", examples=["8GiB"])
    resources: Resources = Field(
        description="What one replica gets.", examples=['{cpu: "6", memory: 24GiB, accelerators: 1}']
    )
    pool: Annotated[str, POOL_NAME] = Field(description="Pool of capacity.pools that it runs on.", examples=["gpu"])
    start: Duration = Field(
        description="How long the server takes from its files on disk until it answers, as measured.",
        examples=["195s"],
    )
    concurrency: Annotated[int, Between(1, 10_000, "requests")] = Field(
        description="Requests that one replica takes at a time; more replicas come before it has more.", examples=["16"]
    )
    arguments: list[str] = Field(default_factory=list, description="Arguments of the server.")
    local_command: list[str] | None = Field(
        default=None,
        description="With cloud: local only: the command that stands for the server there; `$(NAME)` is replaced by "
        "what that variable of the pod has.",
    )

    def rules(self) -> Iterator[Broken]:
        """A start that was measured, and a command that is one."""
        if self.start.seconds == 0:
            yield (
                "start",
                Refusal(
                    f"'{self.start}' claims that it answers in no time",
                    allowed="a time above 0",
                    fix="write what was measured, such as 20s",
                ),
            )
        yield from word_rule(self.local_command)


class Model(Part):
    """A model and its variants."""

    variants: dict[VariantName, Variant] = Field(
        description="`full`, and `quantized` where there is one.", examples=["{full: {...}}"]
    )

    def rules(self) -> Iterator[Broken]:
        """The whole model is there."""
        if "full" not in self.variants:
            yield (
                "variants",
                Refusal(
                    "it has no variant `full`", allowed="full, and quantized beside it", fix="add `full:` to variants"
                ),
            )
