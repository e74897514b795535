"""Rows of AWS WAF: web ACLs, what they protect, and their logs, which no emulator has for them."""

from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Call, Example, Need, Ref, Row, TagCalls
from sandbox.provider.rows.lb_listeners import BALANCER_NEEDS
from sandbox.provider.rules import between, conflicts, matches, one_of
from sandbox.provider.shapes import object_from, to_request
from sandbox.provider.values import Properties

ACL = "aws:wafv2/webAcl:WebAcl"
NAMES = {"arn": "ARN", "id": "Id"}
GONE = frozenset({"WAFNonexistentItemException"})
SCOPES = ("REGIONAL", "CLOUDFRONT")
NO_CHALLENGES = "the local cloud blocks no requests; it keeps the rules"


def _request(context: Context, operation: str) -> dict[str, Any]:
    """What the program says of rules and default, in the API's form."""
    shape: Any = context.client().meta.service_model.operation_model(operation).input_shape
    wanted = {name: context.inputs.get(name) for name in ("defaultAction", "rules", "visibilityConfig", "description")}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    # Rules may all go, and the call wants a list all the same.
    return {"Rules": [], **to_request(wanted, shape, NAMES)}


def create_acl(context: Context) -> Properties:
    """Creates the web ACL."""
    tags = [{"Key": key, "Value": str(value)} for key, value in (context["tagsAll"] or {}).items()]
    context.tags_sent = True
    found = context.call(
        "create_web_acl",
        Name=context["name"],
        Scope=context["scope"],
        Tags=tags or None,
        **_request(context, "CreateWebACL"),
    )["Summary"]
    return {"id": found["Id"], "arn": found["ARN"]}


def _summary(context: Context, identity: str, name: str = "") -> dict[str, Any] | None:
    """The web ACL of an id or a name, with its scope: both are needed to ask for more, and an import has neither."""
    for scope in (context["scope"],) if context["scope"] else SCOPES:
        for each in context.call("list_web_acls", Scope=scope)["WebACLs"]:
            if each["Id"] == identity or each["Name"] == name:
                return {**each, "Scope": scope}
    return None


def id_of_name(context: Context) -> str:
    """The id of the web ACL that has the wanted name."""
    found = _summary(context, "", context["name"])
    return found["Id"] if found else ""


def _named(context: Context) -> dict[str, Any] | None:
    found = _summary(context, context.id)
    return None if found is None else {name: found[name] for name in ("Id", "Name", "Scope")}


def read_acl(context: Context) -> Properties | None:
    """The web ACL."""
    named = _named(context)
    if named is None:
        return None
    found = context.call("get_web_acl", **named)["WebACL"]
    state = object_from(found, context.schema.outputs, NAMES)
    return {**state, "id": context.id, "scope": named["Scope"]}


def update_acl(context: Context) -> None:
    """Sets all of it anew, as of the version that was just read."""
    named = _named(context)
    if named is not None and context.changed - {"tags", "tagsAll"}:
        token = context.call("get_web_acl", **named)["LockToken"]
        context.call("update_web_acl", **named, LockToken=token, **_request(context, "UpdateWebACL"))


def delete_acl(context: Context) -> None:
    """Deletes the web ACL."""
    named = _named(context)
    if named is not None:
        token = context.call("get_web_acl", **named)["LockToken"]
        context.call("delete_web_acl", **named, LockToken=token)


def read_association(context: Context) -> Properties | None:
    """Whether this web ACL is the one in front of the resource."""
    acl, _, resource = context.id.partition(",")
    found = context.call("get_web_acl_for_resource", ResourceArn=resource).get("WebACL")
    return {"webAclArn": acl, "resourceArn": resource} if found and found["ARN"] == acl else None


def _visible(name: str) -> dict[str, Any]:
    return {"cloudwatchMetricsEnabled": True, "metricName": name, "sampledRequestsEnabled": True}


_RATE = {
    "name": "rate",
    "priority": 0,
    "action": {"block": {}},
    "statement": {"rateBasedStatement": {"limit": 2000, "aggregateKeyType": "IP"}},
    "visibilityConfig": _visible("rate"),
}
_MANAGED = {
    "name": "common",
    "priority": 1,
    "overrideAction": {"none": {}},
    "statement": {
        "managedRuleGroupStatement": {
            "name": "AWSManagedRulesCommonRuleSet",
            "vendorName": "AWS",
            "ruleActionOverrides": [{"name": "SizeRestrictions_BODY", "actionToUse": {"count": {}}}],
        }
    },
    "visibilityConfig": _visible("common"),
}
_ACL = {"scope": "REGIONAL", "defaultAction": {"allow": {}}, "visibilityConfig": _visible("entry")}

ROWS = (
    Row(
        type=ACL,
        service="wafv2",
        create=(create_acl,),
        read=(read_acl,),
        update=(update_acl,),
        delete=(delete_acl,),
        replace=frozenset({"name", "namePrefix", "scope"}),
        sets=frozenset({"rules"}),
        choices=frozenset(
            {
                "defaultAction",
                "rules.action",
                "rules.overrideAction",
                "rules.statement.managedRuleGroupStatement.ruleActionOverrides.actionToUse",
            }
        ),
        nested_filled={"rules.statement.rateBasedStatement.evaluationWindowSec": 300},
        # The emulator keeps the first one.
        write_only=frozenset({"description"}),
        provider_only=frozenset({"namePrefix"}),
        gone=GONE,
        taken=frozenset({"WAFDuplicateItemException"}),
        taken_id=id_of_name,
        auto_name=AutoName("name", 128, "namePrefix"),
        tags=TagCalls(
            add="tag_resource",
            remove="untag_resource",
            read="list_tags_for_resource",
            target=("ResourceARN", "arn"),
            answer=("TagInfoForResource.TagList",),
        ),
        unsupported={
            **dict.fromkeys(
                ("associationConfig", "captchaConfig", "challengeConfig", "customResponseBodies", "tokenDomains"),
                NO_CHALLENGES,
            ),
            "dataProtectionConfig": NO_CHALLENGES,
            "monetizationConfig": NO_CHALLENGES,
            "ruleJson": "use rules",
        },
        rules=(
            conflicts("name", "namePrefix"),
            matches("name", r"[\w-]{1,128}", "up to 128 letters, digits, hyphens and underscores"),
            one_of("scope", *SCOPES),
            matches("visibilityConfig.metricName", r"[\w#:./-]{1,255}", "letters, digits and _#:./-"),
            matches("rules.visibilityConfig.metricName", r"[\w#:./-]{1,255}", "letters, digits and _#:./-"),
            between("rules.statement.rateBasedStatement.limit", 10, 2_000_000_000),
        ),
        example=Example(
            inputs={**_ACL, "rules": [_RATE, _MANAGED], "description": "one", "tags": {"a": "1", "b": "1"}},
            update={
                "rules": [
                    {
                        **_RATE,
                        "statement": {
                            "rateBasedStatement": {"limit": 100, "aggregateKeyType": "IP", "evaluationWindowSec": 60}
                        },
                    }
                ],
                "description": "other",
                "tags": {"a": "2"},
            },
            replace={"name": "another"},
        ),
    ),
    Row(
        type="aws:wafv2/webAclAssociation:WebAclAssociation",
        service="wafv2",
        create=(
            Call("associate_web_acl", params={"WebACLArn": "webAclArn", "ResourceArn": "resourceArn"}, fill=False),
        ),
        read=(read_association,),
        delete=(Call("disassociate_web_acl", params={"ResourceArn": "resourceArn"}, fill=False),),
        id=("webAclArn", "resourceArn"),
        id_separator=",",
        replace=frozenset({"webAclArn", "resourceArn"}),
        gone=GONE,
        example=Example(
            inputs={"webAclArn": Ref("acl", "arn"), "resourceArn": Ref("balancer", "arn")},
            replace={"webAclArn": "arn:aws:wafv2:us-east-1:000000000000:regional/webacl/other/1"},
            needs={**BALANCER_NEEDS, "acl": Need(ACL, _ACL)},
        ),
    ),
    Row(
        type="aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
        service="wafv2",
        create=(),
        read=(),
        delete=(),
        id=("resourceArn",),
        replace=frozenset({"resourceArn"}),
        rules=(
            matches(
                "logDestinationConfigs",
                r"arn:[\w-]+:(logs:.+:log-group:|s3:::|firehose:.+:deliverystream/)aws-waf-logs-.+",
                "the ARN of a log group, bucket or stream whose name begins with aws-waf-logs-",
            ),
            one_of("loggingFilter.defaultBehavior", "KEEP", "DROP"),
        ),
        example=Example(
            inputs={
                "resourceArn": "arn:aws:wafv2:us-east-1:000000000000:regional/webacl/entry/1",
                "logDestinationConfigs": ["arn:aws:logs:us-east-1:000000000000:log-group:aws-waf-logs-entry"],
            }
        ),
    ),
)
