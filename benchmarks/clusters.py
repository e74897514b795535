"""Control planes of the local EKS: how long one takes until it takes requests, and what two of them weigh."""

import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import boto3
from rich.console import Console
from rich.table import Table

from benchmarks.measure import Timing, machine
from sandbox import cloud
from sandbox.kubernetes import binaries

REGIONS = ("us-east-1", "us-west-2")
READY_BOUND = 15.0
MEMORY_BOUND = 3 * 2**30
RUNS = 5
_POLL_SECONDS = 0.05

Row = tuple[str, str, str, bool]


def main() -> int:
    """Measure; exit code 1 when a bound is broken."""
    console = Console()
    table = Table("what", "measured", "bound", title=f"local clusters, {machine()}", title_justify="left")
    found = rows(console)
    for what, measured, bound, ok in found:
        table.add_row(what, f"[{'green' if ok else 'red'}]{measured}[/]", bound)
    console.print(table)
    return 0 if all(ok for *_, ok in found) else 1


def rows(console: Console) -> list[Row]:
    """A cluster that is made and deleted again in one region, then one in each of two."""
    binaries.build((*binaries.SCHEMAS, *binaries.CONTROL_PLANE), lambda line: console.print(f"[dim]{line}[/]"))
    root = Path(tempfile.mkdtemp(prefix="stanchion-"))
    try:
        with console.status("making clusters, one after the other"):
            cloud.start_processes(lambda line: console.print(f"[dim]{line}[/]"), root)
            subnets = {region: network(root, region) for region in REGIONS}
            ready = Timing(tuple(made(root, REGIONS[0], f"run-{run}", subnets[REGIONS[0]]) for run in range(RUNS)))
            for region in REGIONS:
                make(root, region, "main", subnets[region])
        memory = cloud.status(root).memory_bytes
    finally:
        cloud.stop(lambda line: console.print(f"[dim]{line}[/]"), root)
        shutil.rmtree(root)
    return [
        ("CreateCluster until ACTIVE, programs built", str(ready), f"{READY_BOUND:.0f} s", ready.median <= READY_BOUND),
        (
            "memory of the local cloud with a control plane in each region",
            f"{memory / 2**30:.1f} GiB",
            f"{MEMORY_BOUND / 2**30:.0f} GiB",
            memory <= MEMORY_BOUND,
        ),
    ]


def network(root: Path, region: str) -> list[str]:
    """Subnets in three zones."""
    ec2 = client(root, "ec2", region)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    return [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{region}{letter}")["Subnet"][
            "SubnetId"
        ]
        for number, letter in enumerate("abc")
    ]


def made(root: Path, region: str, name: str, subnets: list[str]) -> float:
    """Seconds until a cluster is ACTIVE; it is gone afterwards."""
    seconds = make(root, region, name, subnets)
    eks = client(root, "eks", region)
    eks.delete_cluster(name=name)
    while name in eks.list_clusters()["clusters"]:
        time.sleep(_POLL_SECONDS)
    return seconds


def make(root: Path, region: str, name: str, subnets: list[str]) -> float:
    """Seconds until a cluster is ACTIVE."""
    eks = client(root, "eks", region)
    begun = time.monotonic()
    eks.create_cluster(
        name=name, roleArn="arn:aws:iam::000000000000:role/cluster", resourcesVpcConfig={"subnetIds": subnets}
    )
    while (status := eks.describe_cluster(name=name)["cluster"]["status"]) == "CREATING":
        time.sleep(_POLL_SECONDS)
    if status != "ACTIVE":
        raise RuntimeError(f"cluster {name} became {status}")
    return time.monotonic() - begun


def client(root: Path, service: str, region: str) -> Any:
    """A client of the local cloud."""
    variables = cloud.environment_variables(root)
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )


if __name__ == "__main__":
    sys.exit(main())
