"""The AWS regions, and the three an environment lies in."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema

from stanchion.spec.part import Broken, Part
from stanchion.spec.refusal import Refusal, shown

# By partition, which is what an account belongs to. Source: the endpoint data of botocore 1.43.106; the core has no
# AWS library, so the table is here, and a test holds it against the installed botocore.
PARTITIONS: dict[str, tuple[str, ...]] = {
    "aws": (
        *("af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
        *("ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4"),
        *("ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1", "eu-central-1"),
        *("eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3"),
        *("il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1"),
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
    ),
    "aws-cn": ("cn-north-1", "cn-northwest-1"),
    "aws-us-gov": ("us-gov-east-1", "us-gov-west-1"),
    "aws-iso": ("us-iso-east-1", "us-iso-west-1"),
    "aws-iso-b": ("us-isob-east-1", "us-isob-west-1"),
    "aws-iso-e": ("eu-isoe-west-1",),
    "aws-iso-f": ("us-isof-east-1", "us-isof-south-1"),
    "aws-eusc": ("eusc-de-east-1",),
}
PARTITION_OF = {region: partition for partition, regions in PARTITIONS.items() for region in regions}


def _known(value: str) -> str:
    if value not in PARTITION_OF:
        near = get_close_matches(value, PARTITION_OF, n=3, cutoff=0.6)
        raise Refusal(
            f"'{shown(value)}' is not an AWS region",
            allowed=f"one of the {len(PARTITION_OF)} regions, such as {', '.join(near or PARTITIONS['aws'][-4:])}",
            fix=f"did you mean {near[0]}?" if near else "take one that your accounts have enabled",
        )
    return value


def _schema() -> dict[str, Any]:
    return {"type": "string", "enum": sorted(PARTITION_OF)}


Region = Annotated[str, AfterValidator(_known), WithJsonSchema(_schema())]


class Regions(Part):
    """Where the environment runs, where it goes when that is lost, and who can tell the difference."""

    primary: Region = Field(description="The region that serves.", examples=["us-east-1"])
    standby: Region = Field(
        description="The region that takes over when the primary one is lost.", examples=["us-west-2"]
    )
    witness: Region = Field(
        description="A third region. It holds no workload; it breaks the tie when the other two no longer hear each "
        "other.",
        examples=["us-east-2"],
    )

    @property
    def both(self) -> tuple[str, str]:
        """The two regions that hold workloads and data, the primary one first."""
        return self.primary, self.standby

    def rules(self) -> Iterator[Broken]:
        """Three different regions of one partition."""
        if self.standby == self.primary:
            yield (
                "standby",
                Refusal(
                    f"'{self.standby}' is the primary region too, so losing it loses both",
                    allowed="a region other than the primary one",
                    fix="choose another region for standby",
                ),
            )
        for role in ("primary", "standby"):
            if self.witness == getattr(self, role):
                yield (
                    "witness",
                    Refusal(
                        f"'{self.witness}' is the {role} region too, so it is lost together with it",
                        allowed="a third region",
                        fix="choose a region that is neither primary nor standby",
                    ),
                )
        home = PARTITION_OF[self.primary]
        for role in ("standby", "witness"):
            region: str = getattr(self, role)
            if PARTITION_OF[region] != home:
                yield (
                    role,
                    Refusal(
                        f"'{region}' lies in partition {PARTITION_OF[region]}, the primary region '{self.primary}' in "
                        f"{home}, and no account reaches over that border",
                        allowed=f"regions of {home}",
                        fix="choose the regions from one partition",
                    ),
                )
