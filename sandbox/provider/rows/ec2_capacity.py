"""Rows of what EC2 keeps free for us: recorded, since no emulator has it (sandbox/provider/state_only.py)."""

from sandbox.provider.row import Example, Row
from sandbox.provider.rows.ec2 import TAGS
from sandbox.provider.rules import between, one_of

# EC2 API reference, CreateCapacityReservation, InstancePlatform (read 2026-11-23): the ones without a licence to pay.
PLATFORMS = ("Linux/UNIX", "Red Hat Enterprise Linux", "SUSE Linux", "Windows", "Linux with SQL Server Standard")

ROWS = (
    Row(
        type="aws:ec2/capacityReservation:CapacityReservation",
        service="ec2",
        create=(),
        read=(),
        delete=(),
        replace=frozenset(
            {
                *("availabilityZone", "ebsOptimized", "ephemeralStorage", "instanceMatchCriteria", "instancePlatform"),
                *("instanceType", "outpostArn", "placementGroupArn", "tenancy"),
            }
        ),
        defaults={"endDateType": "unlimited", "instanceMatchCriteria": "open", "tenancy": "default"},
        tags=TAGS,
        rules=(
            one_of("instancePlatform", *PLATFORMS),
            one_of("endDateType", "unlimited", "limited"),
            one_of("instanceMatchCriteria", "open", "targeted"),
            one_of("tenancy", "default", "dedicated"),
            between("instanceCount", 1, 1000),
        ),
        example=Example(
            inputs={
                "availabilityZone": "us-east-1a",
                "instanceCount": 2,
                "instancePlatform": "Linux/UNIX",
                "instanceType": "m7i.xlarge",
            }
        ),
    ),
)
