"""Capacity of batch jobs: spot of many types first, the same on demand, nothing while there is nothing to do."""

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.serving.batch_capacity import INSTANCE_POLICY, BatchCapacity, BatchCapacityArgs
from tests.component.judged import broken_rules
from tests.recorder import Recording, provider, record

TYPES = [f"m{generation}.{size}xlarge" for generation in ("5", "6i", "6a", "7i", "7a") for size in (1, 2, 4)]
SUBNETS = ["subnet-a", "subnet-b", "subnet-c"]
ARGS = BatchCapacityArgs("nightly", "standard", TYPES, "vpc-1", SUBNETS, max_vcpus=64, disk_gib=200)


def recorded(**changes: Any) -> Recording:
    args = replace(ARGS, **changes)
    return record(lambda: BatchCapacity("local", args, pulumi.ResourceOptions(provider=provider("us-west-2"))))


def resources() -> dict[str, dict[str, Any]]:
    found = recorded().all("ComputeEnvironment")
    return {r.name.removeprefix("local-"): r.inputs["computeResources"] for r in found}


def test_one_environment_is_spot_and_the_other_is_not() -> None:
    found = {name: (each["type"], each["allocationStrategy"]) for name, each in resources().items()}
    assert found == {
        "spot": ("SPOT", "SPOT_PRICE_CAPACITY_OPTIMIZED"),
        "on-demand": ("EC2", "BEST_FIT_PROGRESSIVE"),
    }


def test_both_shrink_to_nothing_and_take_the_same_instances_in_three_zones() -> None:
    for each in resources().values():
        assert (each["minVcpus"], each["maxVcpus"]) == (0, 64)
        assert each["instanceTypes"] == TYPES
        assert each["subnets"] == SUBNETS


def test_an_update_waits_for_jobs_and_ends_none() -> None:
    for environment in recorded().all("ComputeEnvironment"):
        policy = environment.inputs["updatePolicy"]
        assert policy["terminateJobsOnUpdate"] is False
        assert policy["jobExecutionTimeoutMinutes"] == 60


def test_hosts_keep_their_credentials_and_encrypt_a_disk_that_holds_the_weights() -> None:
    template = recorded().one("LaunchTemplate").inputs
    assert template["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }
    (disk,) = template["blockDeviceMappings"]
    assert (disk["ebs"]["encrypted"], disk["ebs"]["volumeSize"]) == ("true", 200)


def test_a_changed_template_is_followed() -> None:
    recording = recorded()
    template = recording.one("LaunchTemplate")
    for environment in recording.all("ComputeEnvironment"):
        said = environment.inputs["computeResources"]["launchTemplate"]
        assert said["launchTemplateId"] == "local-host-id"
        assert said["version"].isdigit(), "a word such as $Latest never changes, so no update would follow"
        assert template.urn in environment.property_dependencies["computeResources"]


def test_hosts_may_join_batch_and_nothing_else_before_they_are_made() -> None:
    recording = recorded()
    (trust,) = json.loads(recording.one("Role").inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "ec2.amazonaws.com"}
    attached = recording.one("RolePolicyAttachment")
    assert attached.inputs["policyArn"] == INSTANCE_POLICY
    assert attached.urn in recording.one("InstanceProfile").dependencies
    assert not recording.all("RolePolicy")


def test_nobody_calls_a_job_and_a_job_calls_by_tls_only() -> None:
    recording = recorded()
    assert not recording.all("SecurityGroupIngressRule")
    out = recording.one("SecurityGroupEgressRule").inputs
    assert (out["fromPort"], out["toPort"], out["ipProtocol"]) == (443, 443, "tcp")


def test_instances_say_whose_they_are() -> None:
    for name, each in resources().items():
        assert each["tags"] == {
            "stanchion:workload": "nightly",
            "stanchion:tier": "standard",
            "Name": f"local-{name}",
        }


def test_few_types_are_refused() -> None:
    with pytest.raises(ValueError, match="batch 'local' takes spot capacity from 14 instance types and needs 15"):
        recorded(instance_types=TYPES[:14])


def test_it_breaks_no_rule() -> None:
    assert broken_rules(recorded()) == []
