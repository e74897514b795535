from dataclasses import replace

import botocore.session

from sandbox.provider import rows
from sandbox.provider.constraints import violations
from sandbox.provider.row import Call, Example, Row
from sandbox.provider.values import UNKNOWN

MODELS = botocore.session.Session().get_service_model
KEY = rows.rows_of("kms")["aws:kms/key:Key"]
RULE = Row(
    type="aws:cloudwatch/eventRule:EventRule",
    service="events",
    create=(Call("put_rule"),),
    read=(),
    delete=(),
    example=Example(inputs={}),
)


def test_enums_and_ranges_come_from_the_cloudformation_schema() -> None:
    found = {problem.property: problem.reason for problem in violations(KEY, {"keyUsage": "sign", "policy": "{}"})}
    assert "SIGN_VERIFY" in found["keyUsage"]
    assert "policy" not in found


def test_patterns_and_lengths_come_from_the_services_shapes() -> None:
    found = violations(RULE, {"name": "my rule", "description": "x" * 513}, MODELS)
    assert {problem.property for problem in found} == {"name", "description"}
    assert violations(RULE, {"name": "my-rule"}, MODELS) == []
    assert violations(RULE, {"name": "my rule"}) == []


def test_nested_values_are_named_with_their_place() -> None:
    row = replace(
        RULE,
        type="aws:sqs/queue:Queue",
        service="s3",
        create=(Call("put_bucket_lifecycle_configuration", within="LifecycleConfiguration"),),
    )
    found = violations(row, {"rules": [{"status": "Enabled"}, {"status": "on"}]}, MODELS)
    assert [problem.property for problem in found] == ["rules[1].status"]


def test_unknown_and_excepted_values_are_passed_over() -> None:
    assert violations(RULE, {"name": UNKNOWN}, MODELS) == []
    assert violations(replace(RULE, uncheck=frozenset({"name"})), {"name": "my rule"}, MODELS) == []


def test_a_type_that_cloudformation_does_not_have_is_passed_over() -> None:
    assert violations(replace(RULE, cfn="AWS::No::Thing", create=()), {"name": "x"}, MODELS) == []
