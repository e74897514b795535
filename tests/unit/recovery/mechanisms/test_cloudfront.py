import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import UNKNOWN, GraphBuilder
from stanchion.recovery.mechanisms.cloudfront import DISTRIBUTION, MECHANISM
from tests.unit.recovery.mechanisms.stepping import DETECT, REGION, SHIFT, Stepped, holds_for_junk, seconds

READ, WRITE = ["GET", "HEAD", "OPTIONS"], ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
BALANCER, BUCKET = "aws:lb/loadBalancer:LoadBalancer", "aws:s3/bucket:Bucket"


def distributed(methods: object = READ, *, target="both", codes=(500, 502, 503, 504), origin=None, **more):
    builder = GraphBuilder()
    return Stepped(MECHANISM, built(builder, methods, target=target, codes=codes, origin=origin, **more).graph())


def built(builder, methods: object = READ, *, target="both", codes=(500, 502, 503, 504), origin=None, **more):
    origins = [
        {"originId": "east", "domainName": "east.example.com", **(origin or {})},
        {"originId": "west", "domainName": "west.example.com"},
    ]
    group = {
        "originId": "both",
        "members": [{"originId": "east"}, {"originId": "west"}],
        "failoverCriteria": {"statusCodes": list(codes)},
    }
    inputs = {
        "origins": origins,
        "originGroups": [group],
        "defaultCacheBehavior": {"targetOriginId": target, "allowedMethods": methods},
    }
    builder.add(DISTRIBUTION, "edge", {**inputs, **more})
    return builder


def test_reading_fails_over_within_the_attempts():
    result = distributed()
    assert result.amount("edge", REGION, DETECT) == 3 * 10 + 3 * 30
    assert result.amount("edge", REGION, SHIFT) == 0


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ({"connectionAttempts": 1, "connectionTimeout": 2, "customOriginConfig": {"originReadTimeout": 4}}, 6),
        ({"connectionAttempts": 2, "customOriginConfig": {"originReadTimeout": 5}}, 30),
        ({"responseCompletionTimeout": 45}, 45),
        ({"responseCompletionTimeout": 0, "connectionAttempts": 0}, 120),
        ({"responseCompletionTimeout": 600}, 120),
    ],
)
def test_attempts_and_timeouts_are_the_origins(origin, expected):
    assert distributed(origin=origin).amount("edge", REGION, DETECT) == expected


def test_a_post_behind_an_origin_group_never_fails_over():
    result = distributed(WRITE)
    assert result.amount("edge", REGION, SHIFT) == float("inf")
    assert "POST never fails over" in result.why("edge", REGION, SHIFT)
    assert result.of("edge", REGION, DETECT) == []


def test_a_post_beside_an_origin_group_goes_to_one_origin_for_ever():
    behaviour = {"pathPattern": "/invocations", "targetOriginId": "east", "allowedMethods": WRITE}
    result = distributed(orderedCacheBehaviors=[behaviour])
    assert result.amount("edge", REGION, SHIFT) == float("inf")
    assert "/invocations" in result.why("edge", REGION, SHIFT)


def test_a_post_to_an_origin_that_steers_itself_is_not_cloudfronts():
    builder = GraphBuilder()
    accelerator = builder.add("aws:globalaccelerator/accelerator:Accelerator", "global", {})
    origins = [
        {"originId": "east", "domainName": "a"},
        {"originId": "west", "domainName": "b"},
        {"originId": "global", "domainName": accelerator.ref("dnsName")},
    ]
    behaviour = {"pathPattern": "/invocations", "targetOriginId": "global", "allowedMethods": WRITE}
    built(builder, origins=origins, orderedCacheBehaviors=[behaviour])
    assert Stepped(MECHANISM, builder.graph()).amount("edge", REGION, SHIFT) == 0


def test_reading_from_one_origin_only_says_nothing():
    assert distributed(target="east").findings == []


def test_without_an_origin_group_cloudfront_moves_nothing():
    assert distributed(WRITE, target="east", originGroups=None).findings == []


def test_no_5xx_among_the_criteria_hands_errors_on():
    result = distributed(codes=(403, 404))
    assert result.amount("edge", REGION, SHIFT) == float("inf")
    partial = distributed(codes=(500, 502))
    assert partial.amount("edge", REGION, SHIFT) == 0
    assert "503, 504" in partial.notes[0]


@pytest.mark.parametrize(("region", "expected"), [("us-east-1", float("inf")), ("us-west-2", 0)])
def test_two_origins_of_one_region_are_lost_together(region, expected):
    builder = GraphBuilder()
    east = builder.add(BALANCER, "api", {}, region="us-east-1")
    static = builder.add(BUCKET, "static", {}, region=region)
    origins = [
        {"originId": "east", "domainName": east.ref("dnsName")},
        {"originId": "west", "domainName": static.ref("bucketRegionalDomainName")},
    ]
    built(builder, origins=origins)
    assert Stepped(MECHANISM, builder.graph()).amount("edge", REGION, SHIFT) == expected


def test_known_names_of_one_region_are_lost_together():
    builder = GraphBuilder()
    for name in ("one", "two"):
        builder.add(BALANCER, name, {}, outputs={"dnsName": f"{name}.elb.amazonaws.com"}, region="us-east-1")
    origins = [{"originId": o, "domainName": f"{n}.elb.amazonaws.com"} for o, n in (("east", "one"), ("west", "two"))]
    built(builder, origins=origins)
    result = Stepped(MECHANISM, builder.graph())
    assert result.amount("edge", REGION, SHIFT) == float("inf")
    assert "us-east-1" in result.why("edge", REGION, SHIFT)


def test_a_group_of_one_has_no_second_origin():
    group = {"originId": "both", "members": [{"originId": "east"}], "failoverCriteria": {"statusCodes": [503]}}
    assert distributed(originGroups=[group]).amount("edge", REGION, SHIFT) == float("inf")


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        ({"methods": UNKNOWN}, "defaultCacheBehavior.allowedMethods"),
        ({"methods": ["GET", UNKNOWN]}, "defaultCacheBehavior.allowedMethods[1]"),
        ({"originGroups": UNKNOWN}, "originGroups"),
        ({"defaultCacheBehavior": UNKNOWN}, "defaultCacheBehavior.targetOriginId"),
        ({"codes": (UNKNOWN,)}, "originGroups[0].failoverCriteria.statusCodes[0]"),
    ],
)
def test_what_can_not_be_told_is_named(more, missing):
    assert distributed(**more).missing("edge", REGION, SHIFT) == missing


@settings(max_examples=30)
@given(st.integers(1, 3), st.integers(1, 10), st.integers(1, 60), st.integers(0, 20))
def test_more_attempts_or_longer_ones_are_never_given_up_sooner(attempts, connect, answer, longer):
    def after(a, c, r):
        origin = {"connectionAttempts": a, "connectionTimeout": c, "customOriginConfig": {"originReadTimeout": r}}
        return seconds(distributed(origin=origin).amount("edge", REGION, DETECT))

    assert after(attempts, connect + longer, answer + longer) >= after(attempts, connect, answer)
    assert after(3, connect, answer) >= after(attempts, connect, answer)


def test_nonsense_is_answered():
    builder = GraphBuilder()
    good = dict(built(builder).graph().of_type(DISTRIBUTION)[0].inputs)
    keys = ("origins", "originGroups", "defaultCacheBehavior", "orderedCacheBehaviors")
    holds_for_junk(MECHANISM, keys, {DISTRIBUTION: good})
