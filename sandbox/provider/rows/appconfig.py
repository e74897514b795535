"""Rows of AWS AppConfig: applications, their environments and profiles, versions of a document, and deployments."""

from collections.abc import Callable
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Call, Example, Need, Ref, Row, TagCalls
from sandbox.provider.rules import between, matches, one_of
from sandbox.provider.shapes import to_request
from sandbox.provider.values import Properties

APPLICATION = "aws:appconfig/application:Application"
ENVIRONMENT = "aws:appconfig/environment:Environment"
PROFILE = "aws:appconfig/configurationProfile:ConfigurationProfile"
STRATEGY = "aws:appconfig/deploymentStrategy:DeploymentStrategy"
VERSION = "aws:appconfig/hostedConfigurationVersion:HostedConfigurationVersion"
GONE = frozenset({"ResourceNotFoundException"})
NAMES = (r".{1,64}", "a name has 1 to 64 characters")
TAGS = TagCalls(
    add="tag_resource",
    remove="untag_resource",
    read="list_tags_for_resource",
    pair=None,
    # The emulator reads one key of a request that takes tags away.
    one_key=True,
)


def _arn(path: Callable[[Context], str]) -> Callable[[Context], str]:
    """The ARN, which the answers do not have."""

    def arn(context: Context) -> str:
        cloud = context.cloud
        return f"arn:{cloud.partition}:appconfig:{context.region}:{cloud.account}:{path(context)}"

    return arn


def _in_application(kind: str, member: str) -> Callable[[Context], str]:
    return _arn(lambda context: f"application/{context['applicationId']}/{kind}/{context[member]}")


def made(operation: str) -> Callable[[Context], Properties]:
    """The step that creates a type whose id is the answer's."""

    def create(context: Context) -> Properties:
        client = context.client()
        shape: Any = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).input_shape
        wanted = {name: value for name, value in context.inputs.items() if name in context.schema.inputs}
        wanted = {name: value for name, value in wanted.items() if name not in ("region", "tags")}
        return {"id": context.call(operation, **to_request(wanted, shape, {}))["Id"]}

    return create


def create_version(context: Context) -> Properties:
    """Stores a version of the document."""
    answer = context.call(
        "create_hosted_configuration_version",
        ApplicationId=context["applicationId"],
        ConfigurationProfileId=context["configurationProfileId"],
        Content=context["content"].encode(),
        ContentType=context["contentType"],
        Description=context["description"],
        VersionLabel=context["versionLabel"],
    )
    return {"versionNumber": answer["VersionNumber"]}


def _version(context: Context) -> dict[str, Any]:
    return {
        "ApplicationId": context["applicationId"],
        "ConfigurationProfileId": context["configurationProfileId"],
        "VersionNumber": int(context["versionNumber"]),
    }


def read_version(context: Context) -> Properties | None:
    """The version with its content."""
    answer = context.call("get_hosted_configuration_version", **_version(context))
    content = answer["Content"]
    state: Properties = {
        "applicationId": context["applicationId"],
        "configurationProfileId": context["configurationProfileId"],
        "versionNumber": int(context["versionNumber"]),
        "content": (content if isinstance(content, bytes) else content.read()).decode(),
        "contentType": answer["ContentType"],
    }
    if answer.get("VersionLabel"):
        state["versionLabel"] = answer["VersionLabel"]
    return state


def delete_version(context: Context) -> None:
    """Deletes the version."""
    context.call("delete_hosted_configuration_version", **_version(context))


def read_deployment(context: Context) -> Properties | None:
    """The deployment and how far it is."""
    answer = context.call(
        "get_deployment",
        ApplicationId=context["applicationId"],
        EnvironmentId=context["environmentId"],
        DeploymentNumber=int(context["deploymentNumber"]),
    )
    return {
        "applicationId": answer["ApplicationId"],
        "environmentId": answer["EnvironmentId"],
        "configurationProfileId": answer["ConfigurationProfileId"],
        "configurationVersion": answer["ConfigurationVersion"],
        "deploymentStrategyId": answer["DeploymentStrategyId"],
        "deploymentNumber": answer["DeploymentNumber"],
        "description": answer.get("Description", ""),
        "state": answer["State"],
    }


def forget(context: Context) -> None:
    """A deployment is history: nobody can delete it."""


_ENVIRONMENT = {"ApplicationId": "applicationId", "EnvironmentId": "environmentId"}
_PROFILE = {"ApplicationId": "applicationId", "ConfigurationProfileId": "configurationProfileId"}
_IN_APPLICATION = {"application": Need(APPLICATION)}
_SCHEMA = '{"type": "object", "required": ["version"]}'

ROWS = (
    Row(
        type=APPLICATION,
        service="appconfig",
        cfn="AWS::AppConfig::Application",
        create=(made("create_application"),),
        read=(Call("get_application", params={"ApplicationId": "$id"}, fill=False),),
        update=(Call("update_application", params={"ApplicationId": "$id"}, only=("name", "description")),),
        delete=(Call("delete_application", params={"ApplicationId": "$id"}, fill=False),),
        unset={"description": ""},
        outputs={"arn": _arn(lambda context: f"application/{context.id or context['id']}")},
        gone=GONE,
        auto_name=AutoName("name", 64),
        tags=TAGS,
        rules=(matches("name", *NAMES),),
        example=Example(
            inputs={"description": "traffic", "tags": {"a": "1", "b": "1", "c": "1"}},
            update={"name": "another", "description": None, "tags": {"a": "2"}},
        ),
    ),
    Row(
        type=ENVIRONMENT,
        service="appconfig",
        cfn="AWS::AppConfig::Environment",
        names={"environmentId": "Id"},
        create=(Call("create_environment"),),
        read=(Call("get_environment", params=_ENVIRONMENT, fill=False),),
        update=(Call("update_environment", params=_ENVIRONMENT, only=("name", "description", "monitors")),),
        delete=(Call("delete_environment", params=_ENVIRONMENT, fill=False),),
        id=("environmentId", "applicationId"),
        replace=frozenset({"applicationId"}),
        sets=frozenset({"monitors"}),
        unset={"description": "", "monitors": []},
        outputs={"arn": _in_application("environment", "environmentId")},
        gone=GONE,
        auto_name=AutoName("name", 64),
        tags=TAGS,
        rules=(matches("name", *NAMES),),
        example=Example(
            inputs={
                "applicationId": Ref("application"),
                "monitors": [
                    {
                        "alarmArn": "arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors",
                        "alarmRoleArn": "arn:aws:iam::000000000000:role/watch",
                    }
                ],
                "tags": {"a": "1", "b": "1", "c": "1"},
            },
            update={"description": "one region", "monitors": None, "tags": {"a": "2"}},
            replace={"applicationId": "another"},
            needs=_IN_APPLICATION,
        ),
    ),
    Row(
        type=PROFILE,
        service="appconfig",
        cfn="AWS::AppConfig::ConfigurationProfile",
        names={"configurationProfileId": "Id"},
        create=(Call("create_configuration_profile"),),
        read=(Call("get_configuration_profile", params=_PROFILE, fill=False),),
        update=(
            Call(
                "update_configuration_profile",
                params=_PROFILE,
                only=("name", "description", "kmsKeyIdentifier", "retrievalRoleArn", "validators"),
            ),
        ),
        delete=(Call("delete_configuration_profile", params=_PROFILE, fill=False),),
        id=("configurationProfileId", "applicationId"),
        replace=frozenset({"applicationId", "locationUri", "type"}),
        sets=frozenset({"validators"}),
        defaults={"type": "AWS.Freeform"},
        unset={"description": "", "kmsKeyIdentifier": "", "retrievalRoleArn": "", "validators": []},
        # The emulator encrypts no documents and does not keep the key.
        write_only=frozenset({"kmsKeyIdentifier"}),
        outputs={"arn": _in_application("configurationprofile", "configurationProfileId")},
        gone=GONE,
        auto_name=AutoName("name", 128),
        tags=TAGS,
        rules=(
            one_of("type", "AWS.AppConfig.FeatureFlags", "AWS.Freeform"),
            one_of("validators.type", "JSON_SCHEMA", "LAMBDA"),
        ),
        example=Example(
            inputs={
                "applicationId": Ref("application"),
                "locationUri": "hosted",
                "kmsKeyIdentifier": "alias/configuration",
                "validators": [{"type": "JSON_SCHEMA", "content": _SCHEMA}],
                "tags": {"a": "1", "b": "1", "c": "1"},
            },
            update={
                "description": "who serves",
                "kmsKeyIdentifier": None,
                "validators": [{"type": "JSON_SCHEMA", "content": "{}"}],
                "tags": {"a": "2"},
            },
            replace={"type": "AWS.AppConfig.FeatureFlags"},
            needs=_IN_APPLICATION,
        ),
    ),
    Row(
        type=STRATEGY,
        service="appconfig",
        cfn="AWS::AppConfig::DeploymentStrategy",
        create=(made("create_deployment_strategy"),),
        read=(Call("get_deployment_strategy", params={"DeploymentStrategyId": "$id"}, fill=False),),
        update=(
            Call(
                "update_deployment_strategy",
                params={"DeploymentStrategyId": "$id"},
                only=(
                    "description",
                    "deploymentDurationInMinutes",
                    "finalBakeTimeInMinutes",
                    "growthFactor",
                    "growthType",
                ),
            ),
        ),
        delete=(Call("delete_deployment_strategy", params={"DeploymentStrategyId": "$id"}, fill=False),),
        replace=frozenset({"name", "replicateTo"}),
        defaults={"growthType": "LINEAR"},
        unset={"description": "", "finalBakeTimeInMinutes": 0},
        outputs={"arn": _arn(lambda context: f"deploymentstrategy/{context.id or context['id']}")},
        gone=GONE,
        auto_name=AutoName("name", 64),
        tags=TAGS,
        rules=(
            matches("name", *NAMES),
            between("deploymentDurationInMinutes", 0, 1440),
            between("finalBakeTimeInMinutes", 0, 1440),
            between("growthFactor", 1, 100),
            one_of("growthType", "LINEAR", "EXPONENTIAL"),
            one_of("replicateTo", "NONE", "SSM_DOCUMENT"),
        ),
        example=Example(
            inputs={
                "deploymentDurationInMinutes": 10,
                "finalBakeTimeInMinutes": 5,
                "growthFactor": 20,
                "replicateTo": "NONE",
                "tags": {"a": "1", "b": "1", "c": "1"},
            },
            update={
                "deploymentDurationInMinutes": 0,
                "finalBakeTimeInMinutes": None,
                "growthFactor": 100,
                "description": "at once",
                "tags": {"a": "2"},
            },
            replace={"name": "another"},
        ),
    ),
    Row(
        type=VERSION,
        service="appconfig",
        create=(create_version,),
        read=(read_version,),
        delete=(delete_version,),
        id=("applicationId", "configurationProfileId", "versionNumber"),
        id_separator="/",
        replace=frozenset(
            {"applicationId", "configurationProfileId", "content", "contentType", "description", "versionLabel"}
        ),
        # The emulator keeps no description.
        write_only=frozenset({"description"}),
        outputs={
            "arn": _arn(
                lambda context: (
                    f"application/{context['applicationId']}/configurationprofile/"
                    f"{context['configurationProfileId']}/hostedconfigurationversion/{context['versionNumber']}"
                )
            )
        },
        gone=GONE,
        rules=(matches("versionLabel", r".*[^0-9].*", "a label is no number"),),
        example=Example(
            inputs={
                "applicationId": Ref("application"),
                "configurationProfileId": Ref("profile", "configurationProfileId"),
                "content": '{"version": 1}',
                "contentType": "application/json",
                "description": "first",
                "versionLabel": "v1",
            },
            replace={"content": '{"version": 2}'},
            needs={
                "application": Need(APPLICATION),
                "profile": Need(PROFILE, {"applicationId": Ref("application"), "locationUri": "hosted"}),
            },
        ),
    ),
    Row(
        type="aws:appconfig/deployment:Deployment",
        service="appconfig",
        create=(Call("start_deployment"),),
        read=(read_deployment,),
        delete=(forget,),
        id=("applicationId", "environmentId", "deploymentNumber"),
        id_separator="/",
        replace=frozenset(
            {
                "applicationId",
                "configurationProfileId",
                "configurationVersion",
                "deploymentStrategyId",
                "description",
                "environmentId",
                "kmsKeyIdentifier",
            }
        ),
        write_only=frozenset({"kmsKeyIdentifier"}),
        outputs={
            "arn": _arn(
                lambda context: (
                    f"application/{context['applicationId']}/environment/{context['environmentId']}/deployment/"
                    f"{context['deploymentNumber']}"
                )
            )
        },
        gone=GONE,
        tags=TAGS,
        example=Example(
            inputs={
                "applicationId": Ref("application"),
                "environmentId": Ref("environment", "environmentId"),
                "configurationProfileId": Ref("profile", "configurationProfileId"),
                "configurationVersion": Ref("version", "versionNumber"),
                "deploymentStrategyId": Ref("strategy"),
                "tags": {"a": "1", "b": "1", "c": "1"},
            },
            update={"tags": {"a": "2"}},
            replace={"configurationVersion": "2"},
            lasting="a deployment is history",
            needs={
                "application": Need(APPLICATION),
                "environment": Need(ENVIRONMENT, {"applicationId": Ref("application")}),
                "profile": Need(PROFILE, {"applicationId": Ref("application"), "locationUri": "hosted"}),
                "version": Need(
                    VERSION,
                    {
                        "applicationId": Ref("application"),
                        "configurationProfileId": Ref("profile", "configurationProfileId"),
                        "content": "{}",
                        "contentType": "application/json",
                    },
                ),
                "strategy": Need(
                    STRATEGY, {"deploymentDurationInMinutes": 0, "growthFactor": 100, "replicateTo": "NONE"}
                ),
            },
        ),
    ),
)
