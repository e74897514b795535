"""The regions an environment spans."""

from difflib import get_close_matches

from pydantic import ValidationInfo, field_validator

from stanchion.spec.part import Part

# The commercial regions of EC2, as botocore's endpoint data lists them (a test holds the two together).
KNOWN_REGIONS: tuple[str, ...] = (
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
)


class Regions(Part):
    """Where the platform runs, where it recovers to, and who is asked when the two disagree."""

    primary: str
    """Serves traffic."""
    standby: str
    """Takes over when the primary is gone; not the primary."""
    witness: str
    """Decides when primary and standby can't see each other; neither of the two."""

    @field_validator("primary", "standby", "witness")
    @classmethod
    def _known_and_another(cls, region: str, info: ValidationInfo) -> str:
        if region not in KNOWN_REGIONS:
            near = get_close_matches(region, KNOWN_REGIONS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"allowed: {', '.join(KNOWN_REGIONS)}"
            raise ValueError(f"'{region}' is no region of AWS; {hint}")
        for other in ("primary", "standby"):
            if other != info.field_name and info.data.get(other) == region:
                raise ValueError(
                    f"'{region}' is the {other} already; the {info.field_name} has to be another region, "
                    "since one region's loss would take both"
                )
        return region

    @property
    def both(self) -> tuple[str, str]:
        """The two regions that hold data: primary, standby."""
        return (self.primary, self.standby)
