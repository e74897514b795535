import pytest

from sandbox.front_door.faults import Effect, Fault, Faults
from sandbox.front_door.scope import Scope

EAST_S3 = Scope("s3", "us-east-1")
WEST_S3 = Scope("s3", "us-west-2")
WEST_SQS = Scope("sqs", "us-west-2")


def faults(*each: Fault) -> Faults:
    made = Faults()
    for fault in each:
        made.add(fault)
    return made


def test_a_region_is_lost_with_every_service_and_the_other_is_not():
    lost = faults(Fault(Effect.DROP, region="us-west-2"))
    assert lost.loss_for(WEST_S3) is Effect.DROP
    assert lost.loss_for(WEST_SQS) is Effect.DROP
    assert lost.loss_for(EAST_S3) is None


def test_a_service_is_lost_in_all_regions_or_in_one():
    assert faults(Fault(Effect.UNAVAILABLE, service="s3")).loss_for(EAST_S3) is Effect.UNAVAILABLE
    one = faults(Fault(Effect.UNAVAILABLE, region="us-west-2", service="s3"))
    assert one.loss_for(WEST_S3) is Effect.UNAVAILABLE
    assert one.loss_for(EAST_S3) is None
    assert one.loss_for(WEST_SQS) is None


def test_an_unsigned_request_is_in_no_region():
    assert faults(Fault(Effect.DROP, region="us-east-1")).loss_for(Scope()) is None


def test_latencies_add_up_and_are_no_loss():
    slow = faults(Fault(Effect.LATENCY, seconds=0.5), Fault(Effect.LATENCY, region="us-west-2", seconds=0.25))
    assert slow.latency_for(WEST_S3) == 0.75
    assert slow.latency_for(EAST_S3) == 0.5
    assert slow.loss_for(WEST_S3) is None


def test_the_same_place_twice_keeps_the_later_one():
    made = faults(Fault(Effect.DROP, region="us-west-2"), Fault(Effect.HANG, region="us-west-2"))
    assert list(made) == [Fault(Effect.HANG, region="us-west-2")]


def test_a_latency_stays_beside_a_loss():
    made = faults(Fault(Effect.LATENCY, region="us-west-2", seconds=1), Fault(Effect.DROP, region="us-west-2"))
    assert len(list(made)) == 2


def test_heal_takes_away_what_matches():
    made = faults(Fault(Effect.DROP, region="us-west-2"), Fault(Effect.UNAVAILABLE, service="s3"))
    assert made.heal(region="us-west-2") == [Fault(Effect.DROP, region="us-west-2")]
    assert made.heal() == [Fault(Effect.UNAVAILABLE, service="s3")]
    assert not list(made)
    assert made.heal() == []


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "JSON object"),
        ({"effect": "explode"}, "no effect 'explode'; allowed: drop, unavailable, hang, latency"),
        ({"effect": "drop", "zone": "a"}, "no field 'zone'"),
        ({"effect": "drop", "region": 7}, "region has to be a text"),
        ({"effect": "latency", "seconds": -1}, "seconds is -1; allowed: 0 to 600"),
        ({"effect": "latency", "seconds": True}, "seconds is True"),
    ],
)
def test_a_wrong_document_is_refused_by_field(document: object, said: str):
    with pytest.raises(ValueError, match=said):
        Fault.from_json(document)


def test_the_control_apis_form_goes_both_ways():
    fault = Fault(Effect.LATENCY, "us-east-1", "s3", 0.2)
    assert Fault.from_json(fault.as_json()) == fault
