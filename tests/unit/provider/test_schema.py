import pytest

from sandbox.provider.rows import all_rows
from sandbox.provider.schema import UnknownTypeError, nested_fields, provider_schema, schema_of


def test_inputs_know_what_is_required_and_their_kind() -> None:
    inputs = schema_of("aws:s3/bucketReplicationConfig:BucketReplicationConfig").inputs
    assert {name for name, field in inputs.items() if field.required} == {"bucket", "role", "rules"}
    assert inputs["rules"].kind == "list"
    assert inputs["rules"].fields()["destination"].fields()["account"].kind == "str"


def test_names_are_the_engines_and_not_pythons() -> None:
    assert "forceDestroy" in schema_of("aws:s3/bucket:Bucket").inputs
    assert all("_" not in name for name in schema_of("aws:s3/bucket:Bucket").inputs)


def test_outputs_hold_what_only_the_cloud_knows() -> None:
    schema = schema_of("aws:sns/topic:Topic")
    assert {"arn", "owner", "tagsAll"} <= schema.outputs.keys()
    assert "arn" not in schema.inputs


def test_types_without_region_are_known() -> None:
    assert not schema_of("aws:iam/role:Role").regional
    assert schema_of("aws:kms/key:Key").regional


def test_secret_outputs_are_known() -> None:
    assert {"secret", "sesSmtpPasswordV4"} <= schema_of("aws:iam/accessKey:AccessKey").secrets


def test_arguments_whose_plain_name_a_nested_type_has_taken() -> None:
    assert schema_of("aws:s3/bucketVersioning:BucketVersioning").inputs["versioningConfiguration"].required


def test_nested_types_of_other_modules_are_found() -> None:
    assert "effect" in {name.lower() for name in nested_fields("iam:PolicyStatementArgs")}
    assert nested_fields("s3:NoSuchThingArgs") == {}


@pytest.mark.parametrize("token", ["aws:s3/nothing:Nothing", "aws:s3/bucket:Other", "kubernetes:core/v1:Pod", "x"])
def test_a_type_that_does_not_exist_is_named(token: str) -> None:
    with pytest.raises(UnknownTypeError):
        schema_of(token)


def test_the_providers_own_configuration_is_known() -> None:
    assert {"region", "allowedAccountIds", "defaultTags"} <= provider_schema().inputs.keys()


@pytest.mark.parametrize("token", sorted(all_rows()))
def test_every_property_a_row_names_exists(token: str) -> None:
    row, schema = all_rows()[token], schema_of(token)
    named = {*row.defaults, *row.sticky, *row.watched, *row.provider_only, *row.unsupported, *row.json, *row.unset}
    named |= {
        name.split(".")[0] for name in row.sets | row.replace | row.write_only | row.uncheck | row.nested_computed
    }
    if row.auto_name is not None:
        named |= {row.auto_name.name, *([row.auto_name.prefix] if row.auto_name.prefix else [])}
    assert named <= schema.outputs.keys()
    assert (row.tags is not None) == schema.taggable, "a taggable type says how it is tagged, and no other does"


def test_a_module_that_python_cannot_name_so_is_found() -> None:
    schema = schema_of("aws:lambda/function:Function")
    assert schema.inputs["code"].kind == "any"
    assert schema.inputs["environment"].fields()["variables"].kind == "map"
