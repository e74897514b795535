from sandbox.provider.schema import schema_of
from sandbox.provider.state_only import STATE_ONLY

# The list may not grow by accident: a new entry has to be wanted here as well.
KNOWN = {
    "aws:backup/framework:Framework",
    "aws:backup/restoreTestingPlan:RestoreTestingPlan",
    "aws:backup/restoreTestingSelection:RestoreTestingSelection",
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
    "aws:backup/vaultNotifications:VaultNotifications",
    "aws:backup/vaultPolicy:VaultPolicy",
    "aws:ec2/capacityReservation:CapacityReservation",
    "aws:ecr/replicationConfiguration:ReplicationConfiguration",
    "aws:s3/bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration",
    "aws:s3/bucketMetric:BucketMetric",
    "aws:servicequotas/serviceQuota:ServiceQuota",
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
}


def test_the_list_is_the_one_that_was_agreed_on() -> None:
    assert set(STATE_ONLY) == KNOWN


def test_every_entry_is_a_type_with_a_reason() -> None:
    for token, reason in STATE_ONLY.items():
        assert schema_of(token)
        assert len(reason.split()) > 5
