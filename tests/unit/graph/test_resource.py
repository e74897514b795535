"""What a resource says of itself."""

from stanchion.graph import Resource


def test_kind_label_project_and_stack():
    type_ = "aws:s3/bucket:Bucket"
    resource = Resource(urn=f"urn:pulumi:prod::shop::{type_}::lake", type=type_, name="lake")
    assert resource.kind == "Bucket"
    assert resource.label == "aws:s3/bucket:Bucket 'lake'"
    assert resource.project_and_stack == ("shop", "prod")


def test_a_text_that_is_no_urn_has_no_project():
    assert Resource(urn="lake", type="t", name="n").project_and_stack == ("", "")
