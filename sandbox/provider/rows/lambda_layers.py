"""Rows of AWS Lambda's layers."""

from sandbox.provider.context import Context
from sandbox.provider.row import Example, Row
from sandbox.provider.rows.lambda_ import GONE, LAYER, archive_of, code_of, request_of
from sandbox.provider.rules import exactly_one, needs
from sandbox.provider.values import Properties


def publish_layer(context: Context) -> Properties:
    """Publishes the next version of the layer."""
    names = {"layerName", "description", "licenseInfo", "compatibleRuntimes", "compatibleArchitectures"}
    wanted = {name: value for name, value in context.inputs.items() if name in names}
    request = request_of(context, "publish_layer_version", wanted)
    answer = context.call("publish_layer_version", **request, Content=code_of(context))
    return {"id": answer["LayerVersionArn"], "arn": answer["LayerVersionArn"]}


def read_layer(context: Context) -> Properties | None:
    """The version; its code is told by hash only."""
    found = context.call("get_layer_version_by_arn", Arn=context.id)
    return {
        "id": context.id,
        "arn": context.id,
        "layerArn": found["LayerArn"],
        "layerName": found["LayerArn"].rpartition(":")[2],
        "version": str(found["Version"]),
        "description": found.get("Description", ""),
        "licenseInfo": found.get("LicenseInfo", ""),
        "compatibleRuntimes": found.get("CompatibleRuntimes") or [],
        "compatibleArchitectures": found.get("CompatibleArchitectures") or [],
        "createdDate": found["CreatedDate"],
        "codeSha256": found["Content"]["CodeSha256"],
        "sourceCodeSize": found["Content"]["CodeSize"],
    }


def delete_layer(context: Context) -> None:
    """Deletes the version, unless the program wants it left; functions that have it keep it."""
    if context["skipDestroy"] is not True:
        layer, _, version = context.id.rpartition(":")
        context.call("delete_layer_version", LayerName=layer.rpartition(":")[2], VersionNumber=int(version))


ROWS = (
    Row(
        type=LAYER,
        service="lambda",
        cfn="AWS::Lambda::LayerVersion",
        create=(publish_layer,),
        read=(read_layer,),
        delete=(delete_layer,),
        replace=frozenset(
            {
                "code",
                "compatibleArchitectures",
                "compatibleRuntimes",
                "description",
                "layerName",
                "licenseInfo",
                "s3Bucket",
                "s3Key",
                "s3ObjectVersion",
                "sourceCodeHash",
            }
        ),
        sets=frozenset({"compatibleRuntimes", "compatibleArchitectures"}),
        defaults={"skipDestroy": False},
        write_only=frozenset({"code", "s3Bucket", "s3Key", "s3ObjectVersion", "sourceCodeHash"}),
        provider_only=frozenset({"skipDestroy"}),
        sticky=frozenset({"sourceCodeHash"}),
        gone=GONE,
        uncheck=frozenset({"code"}),
        rules=(exactly_one("code", "s3Bucket"), needs("s3Bucket", "s3Key")),
        example=Example(
            inputs={
                "layerName": "dependencies",
                "code": archive_of("x = 1"),
                "compatibleRuntimes": ["python3.11", "python3.12"],
                "compatibleArchitectures": ["arm64"],
                "description": "shared",
            },
            replace={"code": archive_of("x = 2")},
        ),
    ),
)
