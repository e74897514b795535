"""What the examples of several rules are made of."""

from collections.abc import Mapping
from typing import Any

from stanchion.graph import GraphBuilder, ResourceGraph
from stanchion.graph.builder import Handle
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.objectives import Objective, TierObjectives
from stanchion.recovery.settings import Settings

HOUR = 3600.0
CRITICAL = {"stanchion:workload": "search", "stanchion:tier": "critical"}
STANDARD = {"stanchion:workload": "search", "stanchion:tier": "standard"}


def tiered() -> Settings:
    """Two tiers: `critical` decides by itself and promises minutes, `standard` asks people and promises hours."""
    return Settings(
        tiers={
            "critical": TierObjectives(
                "critical",
                {
                    Disruption.APPLICATION: Objective(rpo=300.0, rto=300.0),
                    Disruption.REGION: Objective(rpo=900.0, rto=900.0, decide=0.0),
                },
            ),
            "standard": TierObjectives(
                "standard",
                {
                    Disruption.APPLICATION: Objective(rpo=6 * HOUR, rto=4 * HOUR, decide=0.5 * HOUR),
                    Disruption.REGION: Objective(rpo=6 * HOUR, rto=4 * HOUR, decide=0.5 * HOUR),
                },
            ),
        }
    )


def single(type_: str, name: str, inputs: Mapping[str, Any], tags: Mapping[str, str] | None = None) -> ResourceGraph:
    """A program of one resource."""
    builder = GraphBuilder(tags=dict(tags or {}))
    builder.add(type_, name, dict(inputs))
    return builder.graph()


def bucket(
    builder: GraphBuilder, name: str, *, tags: Mapping[str, str] | None = None, region: str | None = None
) -> Handle:
    """A bucket whose name only the deployment makes."""
    inputs = {"tags": dict(tags)} if tags else {}
    return builder.add("aws:s3/bucket:Bucket", name, inputs, region=region)


def part(builder: GraphBuilder, kind: str, of: Handle, name: str, inputs: Mapping[str, Any]) -> Handle:
    """A part of a bucket that AWS has as a resource of its own, such as `BucketVersioning`."""
    module = kind[0].lower() + kind[1:]
    return builder.add(f"aws:s3/{module}:{kind}", name, {"bucket": of.ref("id"), **inputs})
