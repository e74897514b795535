"""Quotas are declared as the document says them, and recovery and policies read them there."""

import pulumi

from components.serving.vcpu_quotas import VcpuQuotas, VcpuQuotasArgs
from stanchion.recovery.mechanisms.kubernetes.quotas import quotas_of
from tests.recorder import provider, record


def test_each_quota_is_one_of_ec2_in_the_region_of_the_layer() -> None:
    args = VcpuQuotasArgs({"L-34B43A08": 128, "L-1216C47A": 256})
    recording = record(lambda: VcpuQuotas("local", args, pulumi.ResourceOptions(provider=provider("us-west-2"))))
    found = {r.inputs["quotaCode"]: r.inputs for r in recording.all("ServiceQuota")}
    assert {code: said["value"] for code, said in found.items()} == {"L-1216C47A": 256, "L-34B43A08": 128}
    assert {said["serviceCode"] for said in found.values()} == {"ec2"}
    read = quotas_of(recording.graph())
    assert set(read["us-west-2"]) == {"L-1216C47A", "L-34B43A08"}
