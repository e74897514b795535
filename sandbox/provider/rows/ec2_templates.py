"""Rows of EC2 launch templates, whose changes are versions."""

from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Call, Example, Row
from sandbox.provider.rows.ec2 import TAGS, arn, filters, first, specified_tags
from sandbox.provider.rules import conflicts, matches, one_of
from sandbox.provider.schema import schema_of
from sandbox.provider.shapes import object_from, to_request
from sandbox.provider.values import Properties

TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
NAMES = {"ramDiskId": "RamDiskId", "vpcSecurityGroupIds": "SecurityGroupIds"}
# What the emulator keeps of a template's data.
DATA = (
    "blockDeviceMappings",
    "imageId",
    "instanceType",
    "keyName",
    "metadataOptions",
    "userData",
    "vpcSecurityGroupIds",
)
_OWN = frozenset({"name", "namePrefix", "description", "defaultVersion", "updateDefaultVersion", "region", "tags"})


def _data(context: Context) -> dict[str, Any]:
    shape: Any = context.client().meta.service_model.operation_model("CreateLaunchTemplate").input_shape
    wanted = {name: context.inputs[name] for name in DATA if context.inputs.get(name) is not None}
    return to_request(wanted, shape.members["LaunchTemplateData"], NAMES)


def create(context: Context) -> Properties:
    """Creates the template with its first version."""
    answer = context.call(
        "create_launch_template",
        LaunchTemplateName=context["name"],
        VersionDescription=context["description"],
        LaunchTemplateData=_data(context),
        TagSpecifications=specified_tags(context, "launch-template"),
    )
    return {"id": answer["LaunchTemplate"]["LaunchTemplateId"]}


def id_of_name(context: Context) -> str:
    """The id of the template that has the wanted name."""
    wanted = filters(**{"launch-template-name": context["name"]})
    found = first(context.call("describe_launch_templates", Filters=wanted), "LaunchTemplates")
    return found["LaunchTemplateId"] if found else ""


def read(context: Context) -> Properties | None:
    """The template and its newest version."""
    found = first(context.call("describe_launch_templates", LaunchTemplateIds=[context.id]), "LaunchTemplates")
    if found is None:
        return None
    newest = context.call(
        "describe_launch_template_versions",
        LaunchTemplateId=context.id,
        Versions=[str(found["LatestVersionNumber"])],
    )["LaunchTemplateVersions"][0]
    state = object_from(newest["LaunchTemplateData"], {n: context.schema.outputs[n] for n in DATA}, NAMES)
    return {
        **state,
        "id": context.id,
        "arn": arn(context, "launch-template"),
        "name": found["LaunchTemplateName"],
        "description": newest.get("VersionDescription", ""),
        "defaultVersion": found["DefaultVersionNumber"],
        "latestVersion": found["LatestVersionNumber"],
        # The emulator describes a template with the tags that it was made with.
        "tags": context.call("describe_tags", Filters=filters(resource_id=context.id))["Tags"],
    }


def update(context: Context) -> None:
    """Makes a version of what changed, and it or another one the default."""
    if {*DATA, "description"} & context.changed:
        made = context.call(
            "create_launch_template_version",
            LaunchTemplateId=context.id,
            VersionDescription=context["description"],
            LaunchTemplateData=_data(context),
        )["LaunchTemplateVersion"]
        if context["updateDefaultVersion"] is True:
            _make_default(context, made["VersionNumber"])
    if "defaultVersion" in context.changed and context.inputs.get("defaultVersion"):
        _make_default(context, context.inputs["defaultVersion"])


def _make_default(context: Context, version: int) -> None:
    context.call("modify_launch_template", LaunchTemplateId=context.id, DefaultVersion=str(version))


_DISK = {"volumeSize": 200, "volumeType": "gp3", "encrypted": "true", "deleteOnTermination": "true"}

ROWS = (
    Row(
        type=TEMPLATE,
        service="ec2",
        create=(create,),
        read=(read,),
        update=(update,),
        delete=(Call("delete_launch_template", params={"LaunchTemplateId": "$id"}, fill=False),),
        replace=frozenset({"name", "namePrefix"}),
        sticky=frozenset({"defaultVersion"}),
        nested_computed=frozenset(
            f"metadataOptions.{name}"
            for name in ("httpEndpoint", "httpProtocolIpv6", "httpPutResponseHopLimit", "httpTokens")
        ),
        provider_only=frozenset({"namePrefix", "updateDefaultVersion"}),
        gone=frozenset({"InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateId.NotFoundException"}),
        taken=frozenset({"InvalidLaunchTemplateName.AlreadyExistsException"}),
        taken_id=id_of_name,
        auto_name=AutoName("name", 125, "namePrefix"),
        tags=TAGS,
        unsupported={
            name: "the local cloud's launch templates do not keep it"
            for name in schema_of(TEMPLATE).inputs
            if name not in {*DATA, *_OWN}
        },
        rules=(
            conflicts("name", "namePrefix"),
            conflicts("defaultVersion", "updateDefaultVersion"),
            matches("name", r"[\w()./-]{3,128}", "3 to 128 letters, digits and ()./-_"),
            one_of("metadataOptions.httpTokens", "optional", "required"),
            one_of("metadataOptions.httpEndpoint", "enabled", "disabled"),
        ),
        example=Example(
            inputs={
                "description": "one",
                "metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
                "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": _DISK}],
                "updateDefaultVersion": True,
                "tags": {"a": "1", "b": "1"},
            },
            update={
                "description": "other",
                "blockDeviceMappings": [
                    {"deviceName": "/dev/xvda", "ebs": {**_DISK, "volumeSize": 400, "iops": 6000, "throughput": 600}}
                ],
                "tags": {"a": "2"},
            },
            replace={"name": "another"},
        ),
    ),
)
