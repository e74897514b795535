"""Functions: what runs on Lambda beside the endpoints, such as the one writer of the routing document."""

from typing import Literal

from pydantic import Field

from stanchion.spec.network import LogRetention
from stanchion.spec.part import Part
from stanchion.spec.units import Duration


class Functions(Part):
    """How the platform's own functions run; which there are follows from the rest."""

    architecture: Literal["arm64", "x86_64"] = Field(
        default="arm64", description="Processors that they run on, `arm64` or `x86_64`; arm64 costs a fifth less."
    )
    log_retention: LogRetention = Field(
        default=Duration(30 * 86400), description="How long their logs are kept, in whole days."
    )
