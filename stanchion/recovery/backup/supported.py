"""What AWS Backup can back up, what it needs for it, and which copies it can't make."""

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.reading.buckets import BUCKETS, keeps_versions
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import Condition

SETTINGS = "aws:backup/regionSettings:RegionSettings"
CLUSTER = "aws:rds/cluster:Cluster"
ONTAP_VOLUME = "aws:fsx/ontapVolume:OntapVolume"

_GUIDE = "AWS Backup Developer Guide"
VERSIONING = Source(_GUIDE, "Amazon S3 backups: the bucket must have versioning enabled")
NO_COPY = Source(_GUIDE, "Copy a backup: not for FSx for ONTAP volumes, nor for snapshots of a Multi-AZ DB cluster")
OPT_IN = Source(
    _GUIDE, "Service opt-in: it rules what is selected by tags only, and Aurora, DocumentDB and Neptune always"
)

# With the service and the kind in their ARNs (AWS Backup Developer Guide, supported services, read 2026-11-23).
SUPPORTED = {
    "aws:s3/bucket:Bucket": ("s3", ""),
    "aws:s3/bucketV2:BucketV2": ("s3", ""),
    "aws:dynamodb/table:Table": ("dynamodb", "table/"),
    "aws:ebs/volume:Volume": ("ec2", "volume/"),
    "aws:ec2/instance:Instance": ("ec2", "instance/"),
    "aws:rds/instance:Instance": ("rds", "db:"),
    CLUSTER: ("rds", "cluster:"),
    "aws:docdb/cluster:Cluster": ("rds", "cluster:"),
    "aws:neptune/cluster:Cluster": ("rds", "cluster:"),
    "aws:efs/fileSystem:FileSystem": ("elasticfilesystem", "file-system/"),
    "aws:fsx/lustreFileSystem:LustreFileSystem": ("fsx", "file-system/"),
    "aws:fsx/windowsFileSystem:WindowsFileSystem": ("fsx", "file-system/"),
    "aws:fsx/openZfsFileSystem:OpenZfsFileSystem": ("fsx", "file-system/"),
    ONTAP_VOLUME: ("fsx", "volume/"),
    "aws:redshift/cluster:Cluster": ("redshift", "cluster:"),
    "aws:timestreamwrite/table:Table": ("timestream", "database/"),
}
# Continuous backup: point in time within five minutes (same guide, supported services for continuous backup).
CONTINUOUS = frozenset((*BUCKETS, "aws:rds/instance:Instance", CLUSTER))

# As the opt-in calls the services (AWS Backup API, UpdateRegionSettings).
_SERVICES = {
    "s3": "S3",
    "dynamodb": "DynamoDB",
    "elasticfilesystem": "EFS",
    "fsx": "FSx",
    "redshift": "Redshift",
    "timestream": "Timestream",
    "aws:ebs/volume:Volume": "EBS",
    "aws:ec2/instance:Instance": "EC2",
    "aws:rds/instance:Instance": "RDS",
    CLUSTER: "Aurora",
    "aws:docdb/cluster:Cluster": "DocumentDB",
    "aws:neptune/cluster:Cluster": "Neptune",
}
_ALWAYS_OPT_IN = ("Aurora", "DocumentDB", "Neptune")


def ready(graph: ResourceGraph, resource: Resource) -> Condition:
    """Whether a resource is set up so that it can be backed up at all: a bucket needs versions."""
    return keeps_versions(graph, resource)[0] if resource.type in BUCKETS else True


def copied(resource: Resource) -> Condition:
    """Whether backups of a resource can be copied to another region."""
    if resource.type != CLUSTER:
        return resource.type != ONTAP_VOLUME
    # A cluster of another engine than Aurora is a Multi-AZ DB cluster.
    engine = resource.at("engine").text("aurora")
    return engine if isinstance(engine, Unsettled) else engine.startswith("aurora")


def opted_in(graph: ResourceGraph, resource: Resource, region: str | Unsettled, *, named: bool) -> Condition:
    """Whether the account's settings let a service be backed up; what the program does not say is not judged.

    Args:
        graph: the program.
        resource: what is backed up.
        region: of the plan.
        named: whether the selection names resources or kinds of them, rather than tags only.
    """
    service = _SERVICES.get(resource.type) or _SERVICES.get(SUPPORTED[resource.type][0], "")
    if named and service not in _ALWAYS_OPT_IN:
        return True
    for settings in graph.of_type(SETTINGS):
        if graph.region_of(settings) != region:
            continue
        chosen = settings.at("resourceTypeOptInPreference")[service].flag(True)
        if chosen is not True:
            return chosen
    return True
