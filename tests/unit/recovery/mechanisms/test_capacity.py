import pytest

from stanchion.graph import UNKNOWN
from stanchion.recovery.mechanisms.kubernetes.reservations import BLOCK, RESERVATION
from tests.unit.recovery.mechanisms.kubernetes.program import Program, result

QUOTA = "aws:servicequotas/serviceQuota:ServiceQuota"


def reserved(type_=RESERVATION, **own):
    program = Program()
    program.group("gpu", 2, instanceTypes=["g6.xlarge"])
    inputs = {"instanceType": "g6.xlarge", "instanceCount": 2, "availabilityZone": "us-east-1a"} | own
    program.add(type_, "gpu", inputs)
    return result(program)


@pytest.mark.parametrize(
    ("own", "remark"),
    [
        ({"endDateType": "limited", "endDate": "2027-01-01T00:00:00Z"}, "ends by itself"),
        ({"endDateType": UNKNOWN}, "can't be told whether"),
        ({"instanceMatchCriteria": "targeted"}, "no node group or NodePool"),
        ({"instanceType": "p5.48xlarge"}, "no node group or NodePool"),
    ],
)
def test_reservations_that_assure_nothing(own, remark):
    assert reserved(**own).noted(remark)
    assert not reserved().noted("reservation 'gpu'")


def test_a_capacity_block_ends():
    assert reserved(BLOCK).noted("capacity block 'gpu' ends")


@pytest.mark.parametrize(("value", "remarked"), [(7, True), (8, False), (UNKNOWN, False)])
def test_a_quota_below_what_must_run(value, remarked):
    program = Program()
    program.group("gpu", 2, instanceTypes=["g6.xlarge"])
    program.add(QUOTA, "gpu", {"serviceCode": "ec2", "quotaCode": "L-DB2E81BA", "value": value})
    program.add(QUOTA, "west", {"serviceCode": "ec2", "quotaCode": "L-DB2E81BA", "value": 0}, region="us-west-2")
    assert result(program).noted("some of them can't") == remarked
