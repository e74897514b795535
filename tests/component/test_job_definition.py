"""A batch job: which failures are worth another attempt, what its container may do, and which jobs are refused."""

from dataclasses import replace
from typing import Any

import pytest

from components.serving.job_definition import JobArgs, container, refuse_unfit, retry_strategy
from components.serving.placement import Accelerator

IMAGE = f"1.dkr.ecr.us-west-2.amazonaws.com/prod/batch@sha256:{'0' * 64}"
JOB = JobArgs(IMAGE, ["score", "Ref::input"], vcpus=8, memory_mib=30000)


def properties(job: JobArgs = JOB) -> dict[str, Any]:
    return container(job, job_role="arn:job", execution_role="arn:execution", log_group="jobs", environment={"A": "1"})


def test_only_a_lost_host_and_a_missing_image_are_tried_again() -> None:
    strategy = retry_strategy(7)
    assert strategy.attempts == 7
    rules = [(rule.action, rule.on_status_reason, rule.on_reason, rule.on_exit_code) for rule in _rules(strategy)]
    assert rules == [
        ("RETRY", "Host EC2*", None, None),
        ("RETRY", None, "CannotPullContainerError*", None),
        ("EXIT", None, "*", None),
    ]


def _rules(strategy: Any) -> list[Any]:
    return list(strategy.evaluate_on_exits)


def test_the_container_gets_what_it_asks_for_and_no_accelerator_unless_it_does() -> None:
    assert properties()["resourceRequirements"] == [
        {"type": "VCPU", "value": "8"},
        {"type": "MEMORY", "value": "30000"},
    ]
    gpu = replace(JOB, accelerators=2, accelerator=Accelerator.NVIDIA)
    assert {"type": "GPU", "value": "2"} in properties(gpu)["resourceRequirements"]


def test_it_is_nobody_in_particular_and_writes_below_tmp_only() -> None:
    found = properties()
    assert (found["readonlyRootFilesystem"], found["privileged"]) == (True, False)
    assert not found["user"].startswith("0")
    (mount,) = found["mountPoints"]
    assert (mount["containerPath"], mount["sourceVolume"]) == ("/tmp", found["volumes"][0]["name"])


def test_it_has_roles_of_its_own_and_one_log_group() -> None:
    found = properties()
    assert (found["jobRoleArn"], found["executionRoleArn"]) == ("arn:job", "arn:execution")
    assert found["logConfiguration"]["options"]["awslogs-group"] == "jobs"


def test_variables_come_in_an_order_that_does_not_change() -> None:
    found = container(JOB, job_role="", execution_role="", log_group="", environment={"B": "2", "A": "1"})
    assert found["environment"] == [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]


@pytest.mark.parametrize(
    ("job", "sentence"),
    [
        (
            replace(JOB, image="registry/batch:latest"),
            r"image 'registry/batch:latest'; allowed: an image by its digest",
        ),
        (replace(JOB, image=f"registry/batch@sha256:{'0' * 63}"), "allowed: an image by its digest"),
        (replace(JOB, attempts=1), "has 1 attempts; allowed: 2 to 10"),
        (replace(JOB, attempts=11), "has 11 attempts; allowed: 2 to 10"),
        (replace(JOB, accelerators=1), "asks for 1 accelerators and its kind is none"),
        (replace(JOB, accelerator=Accelerator.NVIDIA), "asks for 0 accelerators and its kind is nvidia.com/gpu"),
        (replace(JOB, accelerators=1, accelerator=Accelerator.NEURON), "its kind is aws.amazon.com/neuron"),
    ],
)
def test_a_job_that_could_not_run_or_not_run_again_is_refused(job: JobArgs, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"batch job 'nightly' .*{sentence}|{sentence}"):
        refuse_unfit("nightly", job)


def test_jobs_that_fit_are_not() -> None:
    refuse_unfit("nightly", JOB)
    refuse_unfit("nightly", replace(JOB, accelerators=4, accelerator=Accelerator.NVIDIA, attempts=10))
