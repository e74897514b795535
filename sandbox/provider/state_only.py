"""Types that are recorded in the state and not emulated, each with the reason why.

A type belongs here only when no emulator has it. Nothing is done in the cloud for it, and `stanchion sandbox status`
lists it, so that nobody mistakes it for an emulated one. The list's growth fails a test until its snapshot is changed.
"""

from typing import Final

STATE_ONLY: Final[dict[str, str]] = {
    "aws:s3/bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration": (
        "neither MiniStack nor moto has Intelligent-Tiering configurations; nothing in the local cloud ages by access"
    ),
    "aws:s3/bucketMetric:BucketMetric": (
        "neither MiniStack nor moto has S3 request metrics configurations; the local cloud publishes no S3 metrics"
    ),
    "aws:ec2/capacityReservation:CapacityReservation": (
        "MiniStack lists capacity reservations but makes none, and moto has no such operation; nothing here runs short"
    ),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": (
        "MiniStack has no logging of web ACLs; moto has it, but a web ACL lives in one emulator only"
    ),
    "aws:servicequotas/serviceQuota:ServiceQuota": (
        "MiniStack has no quotas, and moto lists some but takes no request for more; nothing here is refused for one"
    ),
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": (
        "MiniStack's registries have no replication, and moto records the rules without acting on them"
    ),
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": (
        "MiniStack's vaults have no lock; moto has one, but no selections, and a vault lives in one emulator only"
    ),
    "aws:backup/vaultPolicy:VaultPolicy": (
        "MiniStack reads access policies of vaults but stores none, and moto has no such operation"
    ),
    "aws:backup/vaultNotifications:VaultNotifications": (
        "MiniStack reads notifications of vaults but stores none, moto has no such operation, and neither runs jobs"
    ),
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": (
        "MiniStack lists restore testing plans but makes none, moto has no such operation, and neither restores"
    ),
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": (
        "MiniStack lists restore testing selections but makes none, moto has no such operation, and neither restores"
    ),
    "aws:backup/framework:Framework": (
        "MiniStack lists audit frameworks but makes none, moto has no such operation, and neither evaluates controls"
    ),
}
