"""Which resource types hold state, and how people call them.

A stateful resource that no mechanism explains is a store of which nothing is known. What counts as state is what a
team would miss after a disaster and no program can make again: user data, messages on their way, identities, keys that
only hardware holds. These do not count:

- what a deployment writes again: configuration, catalogs of what lies elsewhere, SSM parameters (their value is in the
  program);
- what watches a workload: logs, metrics, traces, audit trails;
- machines, whose disks are resources of their own, and parts of a store that is in the table as a whole;
- backups: they protect, and what they protect is judged.
"""

from collections.abc import Container, Iterable, Iterator
from types import MappingProxyType

from stanchion.graph import Resource

_AWS = {
    # Databases
    "rds/instance:Instance": "RDS instance",
    "rds/cluster:Cluster": "RDS cluster",
    "docdb/cluster:Cluster": "DocumentDB cluster",
    "docdb/elasticCluster:ElasticCluster": "DocumentDB elastic cluster",
    "neptune/cluster:Cluster": "Neptune cluster",
    "neptunegraph/graph:Graph": "Neptune Analytics graph",
    "dynamodb/table:Table": "DynamoDB table",
    "dynamodb/tableReplica:TableReplica": "DynamoDB replica",
    "dsql/cluster:Cluster": "Aurora DSQL cluster",
    "keyspaces/table:Table": "Keyspaces table",
    "memorydb/cluster:Cluster": "MemoryDB cluster",
    "elasticache/cluster:Cluster": "ElastiCache cluster",
    "elasticache/replicationGroup:ReplicationGroup": "ElastiCache replication group",
    "elasticache/serverlessCache:ServerlessCache": "ElastiCache serverless cache",
    "redshift/cluster:Cluster": "Redshift cluster",
    "redshiftserverless/namespace:Namespace": "Redshift Serverless namespace",
    "opensearch/domain:Domain": "OpenSearch domain",
    "opensearch/serverlessCollection:ServerlessCollection": "OpenSearch Serverless collection",
    "elasticsearch/domain:Domain": "Elasticsearch domain",
    "cloudsearch/domain:Domain": "CloudSearch domain",
    "kendra/index:Index": "Kendra index",
    "timestreamwrite/table:Table": "Timestream table",
    "timestreaminfluxdb/dbCluster:DbCluster": "Timestream for InfluxDB cluster",
    "timestreaminfluxdb/dbInstance:DbInstance": "Timestream for InfluxDB instance",
    "qldb/ledger:Ledger": "QLDB ledger",
    "odb/autonomousDatabase:AutonomousDatabase": "Oracle Autonomous Database",
    "odb/cloudAutonomousVmCluster:CloudAutonomousVmCluster": "Oracle Autonomous VM cluster",
    "odb/cloudVmCluster:CloudVmCluster": "Oracle Exadata VM cluster",
    "finspace/kxDatabase:KxDatabase": "FinSpace kdb database",
    "finspace/kxVolume:KxVolume": "FinSpace kdb volume",
    "emr/cluster:Cluster": "EMR cluster",
    "lightsail/database:Database": "Lightsail database",
    # Objects, files, disks
    "s3/bucket:Bucket": "S3 bucket",
    "s3/bucketV2:BucketV2": "S3 bucket",
    "s3/directoryBucket:DirectoryBucket": "S3 directory bucket",
    "s3/vectorsVectorBucket:VectorsVectorBucket": "S3 vector bucket",
    "s3/filesFileSystem:FilesFileSystem": "S3 Files file system",
    "s3control/bucket:Bucket": "S3 on Outposts bucket",
    "s3tables/tableBucket:TableBucket": "S3 table bucket",
    "glacier/vault:Vault": "Glacier vault",
    "lightsail/bucket:Bucket": "Lightsail bucket",
    "lightsail/disk:Disk": "Lightsail disk",
    "lightsail/instance:Instance": "Lightsail instance",
    "efs/fileSystem:FileSystem": "EFS file system",
    "fsx/windowsFileSystem:WindowsFileSystem": "FSx for Windows file system",
    "fsx/ontapFileSystem:OntapFileSystem": "FSx for ONTAP file system",
    "fsx/openZfsFileSystem:OpenZfsFileSystem": "FSx for OpenZFS file system",
    "fsx/lustreFileSystem:LustreFileSystem": "FSx for Lustre file system",
    "fsx/fileCache:FileCache": "FSx file cache",
    "ebs/volume:Volume": "EBS volume",
    "ebs/volumeCopy:VolumeCopy": "EBS volume",
    "storagegateway/cachesIscsiVolume:CachesIscsiVolume": "Storage Gateway volume",
    "storagegateway/storedIscsiVolume:StoredIscsiVolume": "Storage Gateway volume",
    "workspaces/workspace:Workspace": "WorkSpaces desktop",
    # Messages and streams
    "sqs/queue:Queue": "SQS queue",
    "kinesis/stream:Stream": "Kinesis stream",
    "kinesis/videoStream:VideoStream": "Kinesis video stream",
    "kinesisanalyticsv2/application:Application": "Managed Flink application",
    "msk/cluster:Cluster": "MSK cluster",
    "msk/serverlessCluster:ServerlessCluster": "MSK Serverless cluster",
    "mq/broker:Broker": "MQ broker",
    "cloudwatch/eventArchive:EventArchive": "EventBridge archive",
    "mailmanager/archive:Archive": "mail archive",
    # Images, packages, source
    "ecr/repository:Repository": "ECR repository",
    "ecrpublic/repository:Repository": "public ECR repository",
    "codeartifact/repository:Repository": "CodeArtifact repository",
    "codecommit/repository:Repository": "CodeCommit repository",
    "codecatalyst/sourceRepository:SourceRepository": "CodeCatalyst repository",
    "dataexchange/dataSet:DataSet": "Data Exchange data set",
    # Identities, secrets, keys
    "cognito/userPool:UserPool": "Cognito user pool",
    "cognito/identityPool:IdentityPool": "Cognito identity pool",
    "secretsmanager/secret:Secret": "secret",
    "directoryservice/directory:Directory": "directory",
    "cloudhsmv2/cluster:Cluster": "CloudHSM cluster",
    "workmail/organization:Organization": "WorkMail organization",
    # What applications keep in a service
    "cloudfront/keyValueStore:KeyValueStore": "CloudFront key value store",
    "bedrock/agentcoreMemory:AgentcoreMemory": "AgentCore memory",
    "sagemaker/featureGroup:FeatureGroup": "SageMaker feature group",
    "sagemaker/domain:Domain": "SageMaker domain",
    "sagemaker/space:Space": "SageMaker space",
    "sagemaker/notebookInstance:NotebookInstance": "SageMaker notebook",
    "sagemaker/mlflowTrackingServer:MlflowTrackingServer": "MLflow tracking server",
    "sagemaker/mlflowApp:MlflowApp": "MLflow app",
    "mwaa/environment:Environment": "Airflow environment",
    "connect/instance:Instance": "Connect instance",
    "customerprofiles/domain:Domain": "Customer Profiles domain",
    "datazone/domain:Domain": "DataZone domain",
    "rekognition/collection:Collection": "Rekognition collection",
    "location/geofenceCollection:GeofenceCollection": "geofence collection",
    "pinpoint/app:App": "Pinpoint project",
}
_KUBERNETES = {
    "kubernetes:core/v1:PersistentVolumeClaim": "PersistentVolumeClaim",
    "kubernetes:apps/v1:StatefulSet": "StatefulSet",
}

STATEFUL = MappingProxyType({f"aws:{token}": kind for token, kind in _AWS.items()} | _KUBERNETES)


def stateful_kind(type_: str) -> str | None:
    """How people call a stateful type; None for one that holds no state.

    Args:
        type_: a type token, such as `aws:rds/instance:Instance`.
    """
    return STATEFUL.get(type_)


def kind_of_state(resource: Resource) -> str | None:
    """How people call the state a resource holds; None when it holds none.

    A StatefulSet that claims no volumes keeps only names and order.
    """
    kind = stateful_kind(resource.type)
    if kind == "StatefulSet" and resource.at("spec")["volumeClaimTemplates"].value in (None, []):
        return None
    return kind


def unexplained(resources: Iterable[Resource], explained: Container[str]) -> Iterator[tuple[Resource, str]]:
    """Stateful resources that no mechanism explains, each with how people call it.

    Args:
        resources: a graph, or a part of one.
        explained: the URNs of the stores that mechanisms found.
    """
    for resource in resources:
        kind = kind_of_state(resource)
        if kind is not None and resource.urn not in explained:
            yield resource, kind
