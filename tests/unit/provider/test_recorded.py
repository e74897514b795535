from sandbox.provider import rows
from sandbox.provider.recorded import bare_row, recorded

METRIC = rows.rows_of("s3_flows")["aws:s3/bucketMetric:BucketMetric"]


def test_the_id_is_made_of_the_inputs_where_the_row_says_so() -> None:
    identity, state = recorded(METRIC, {"bucket": "b", "name": "n", "__defaults": ["name"]}, "logical")
    assert identity == "b:n"
    assert state == {"bucket": "b", "name": "n"}


def test_without_a_row_the_logical_name_is_the_id() -> None:
    row = bare_row("aws:sagemaker/model:Model")
    identity, state = recorded(row, {"name": "n"}, "logical")
    assert identity == "logical"
    assert state == {"name": "n"}
    assert "arn" not in state
