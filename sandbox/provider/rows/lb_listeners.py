"""Rows of Elastic Load Balancing: listeners and their rules."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.errors import ProviderError
from sandbox.provider.row import Call, Example, Need, Problem, Ref, Row
from sandbox.provider.rows.ec2 import SUBNET, VPC_NEED
from sandbox.provider.rows.lb import BALANCER, TAGS, TARGETS, described, tag_list
from sandbox.provider.rules import between, one_of
from sandbox.provider.schema import schema_of
from sandbox.provider.shapes import from_response, to_request
from sandbox.provider.values import UNKNOWN, Properties

LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"
ACTION_NAMES = {"fixedResponse": "FixedResponseConfig", "redirect": "RedirectConfig"}
ACTIONS = ("forward", "fixed-response", "redirect")
# What the emulator keeps of a condition: property to the API's field and the member with its values.
CONDITIONS = {
    "hostHeader": ("host-header", "HostHeaderConfig"),
    "httpRequestMethod": ("http-request-method", "HttpRequestMethodConfig"),
    "pathPattern": ("path-pattern", "PathPatternConfig"),
    "sourceIp": ("source-ip", "SourceIpConfig"),
}
# What redirects to where it came from; the official provider fills these in.
REDIRECT = {"host": "#{host}", "path": "/#{path}", "port": "#{port}", "protocol": "#{protocol}", "query": "#{query}"}
NO_HEADERS = "the local cloud's listeners add no headers"


def actions_request(context: Context, operation: str, member: str, name: str) -> Any:
    """Actions in the API's form."""
    model = context.client().meta.service_model.operation_model(operation)
    return to_request(context[name], model.input_shape.members[member], ACTION_NAMES, name)


def actions_of(context: Context, found: Any, name: str) -> Any:
    """Actions as properties."""
    return from_response(found, context.schema.outputs[name], ACTION_NAMES, name)


def create_listener(context: Context) -> Properties:
    """Creates the listener."""
    answer = context.call(
        "create_listener",
        LoadBalancerArn=context["loadBalancerArn"],
        DefaultActions=actions_request(context, "CreateListener", "DefaultActions", "defaultActions"),
        Tags=tag_list(context),
        **_listener(context),
    )["Listeners"][0]
    return {"id": answer["ListenerArn"], "arn": answer["ListenerArn"]}


def _listener(context: Context) -> dict[str, Any]:
    certificate = context.inputs.get("certificateArn")
    return {
        "Port": context["port"],
        "Protocol": context["protocol"],
        "SslPolicy": context.inputs.get("sslPolicy"),
        "Certificates": [{"CertificateArn": certificate}] if certificate else None,
    }


def update_listener(context: Context) -> None:
    """Sets all of it anew."""
    if context.changed - {"tags", "tagsAll"}:
        context.call(
            "modify_listener",
            ListenerArn=context.id,
            DefaultActions=actions_request(context, "ModifyListener", "DefaultActions", "defaultActions"),
            **_listener(context),
        )


def read_listener(context: Context) -> Properties | None:
    """The listener."""
    found = described(context, "describe_listeners", "ListenerArns", "Listeners")
    if found is None:
        return None
    state: Properties = {
        "id": context.id,
        "arn": context.id,
        "loadBalancerArn": found["LoadBalancerArn"],
        "port": found["Port"],
        "protocol": found["Protocol"],
        "defaultActions": actions_of(context, found["DefaultActions"], "defaultActions"),
    }
    if found.get("SslPolicy"):
        state["sslPolicy"] = found["SslPolicy"]
    if found.get("Certificates"):
        state["certificateArn"] = found["Certificates"][0]["CertificateArn"]
    return state


def create_rule(context: Context) -> Properties:
    """Creates the rule, as the last one when it names no priority; the emulator gives one out twice."""
    listener = context["listenerArn"]
    others = {rule["Priority"] for rule in context.call("describe_rules", ListenerArn=listener)["Rules"]}
    priority = context["priority"] or max((int(other) for other in others - {"default"}), default=0) + 1
    if str(priority) in others:
        raise ProviderError(f"PriorityInUse: Priority '{priority}' is currently in use")
    answer = context.call(
        "create_rule",
        ListenerArn=listener,
        Priority=priority,
        Conditions=conditions_request(context),
        Actions=actions_request(context, "CreateRule", "Actions", "actions"),
        Tags=tag_list(context),
    )["Rules"][0]
    return {"id": answer["RuleArn"], "arn": answer["RuleArn"]}


def conditions_request(context: Context) -> list[dict[str, Any]]:
    """Conditions in the API's form."""
    return [
        {"Field": CONDITIONS[name][0], CONDITIONS[name][1]: {"Values": said["values"]}}
        for condition in context["conditions"]
        for name, said in condition.items()
        if said is not None
    ]


def read_rule(context: Context) -> Properties | None:
    """The rule; its listener is part of its ARN."""
    found = described(context, "describe_rules", "RuleArns", "Rules")
    if found is None:
        return None
    names = {field: name for name, (field, _) in CONDITIONS.items()}
    return {
        "id": context.id,
        "arn": context.id,
        "listenerArn": context.id.replace(":listener-rule/", ":listener/").rpartition("/")[0],
        "priority": int(found["Priority"]),
        "actions": actions_of(context, found["Actions"], "actions"),
        "conditions": [{names[each["Field"]]: {"values": each["Values"]}} for each in found["Conditions"]],
    }


def update_rule(context: Context) -> None:
    """Sets conditions and actions anew, and the priority by a call of its own."""
    if "priority" in context.changed and context["priority"]:
        order = [{"RuleArn": context.id, "Priority": context["priority"]}]
        context.call("set_rule_priorities", RulePriorities=order)
    if {"actions", "conditions"} & context.changed:
        context.call(
            "modify_rule",
            RuleArn=context.id,
            Conditions=conditions_request(context),
            Actions=actions_request(context, "ModifyRule", "Actions", "actions"),
        )


def certificate_with_tls(inputs: Mapping[str, Any]) -> list[Problem]:
    """A listener with TLS has a certificate, and one without has none."""
    protocol, certificate = inputs.get("protocol"), inputs.get("certificateArn")
    if protocol == "HTTPS" and certificate is None:
        return [Problem("certificateArn", "A certificate must be specified for HTTPS listeners")]
    if protocol == "HTTP" and certificate not in (None, UNKNOWN):
        return [Problem("certificateArn", "A certificate cannot be specified for HTTP listeners")]
    return []


def known_actions(name: str) -> Any:
    """Actions of kinds that the local cloud takes, each with what its kind needs."""

    def rule(inputs: Mapping[str, Any]) -> list[Problem]:
        problems: list[Problem] = []
        needed = {"forward": "targetGroupArn", "fixed-response": "fixedResponse", "redirect": "redirect"}
        actions = inputs.get(name)
        for number, action in enumerate(actions if isinstance(actions, list) else []):
            where = f"{name}[{number}]"
            if not isinstance(action, Mapping) or action.get("type") is UNKNOWN:
                continue
            if unknown := sorted(set(action) - {"type", "order", *needed.values()}):
                problems.append(Problem(f"{where}.{unknown[0]}", "the local cloud has no such action"))
            elif action["type"] in needed and needed[action["type"]] not in action:
                problems.append(Problem(where, f"an action of type '{action['type']}' needs {needed[action['type']]}"))
        return problems

    return rule


def known_conditions(inputs: Mapping[str, Any]) -> list[Problem]:
    """Conditions by their values only."""
    conditions = inputs.get("conditions")
    return [
        Problem(f"conditions[{number}].{name}", "the local cloud's rules look at host, method, path and address only")
        for number, condition in enumerate(conditions if isinstance(conditions, list) else [])
        if isinstance(condition, Mapping)
        for name, said in condition.items()
        if name not in CONDITIONS or (isinstance(said, Mapping) and set(said) != {"values"})
    ]


BALANCER_NEEDS = {
    "vpc": VPC_NEED,
    "one": Need(SUBNET, {"vpcId": Ref("vpc"), "cidrBlock": "10.0.1.0/24", "availabilityZone": "us-east-1a"}),
    "other": Need(SUBNET, {"vpcId": Ref("vpc"), "cidrBlock": "10.0.2.0/24", "availabilityZone": "us-east-1b"}),
    "balancer": Need(BALANCER, {"subnets": [Ref("one"), Ref("other")]}),
}
_NEEDS = {
    **BALANCER_NEEDS,
    "targets": Need(TARGETS, {"targetType": "ip", "protocol": "HTTP", "port": 80, "vpcId": Ref("vpc")}),
}
_NOT_FOUND = {"contentType": "text/plain", "messageBody": "nobody here", "statusCode": "404"}

ROWS = (
    Row(
        type=LISTENER,
        service="elbv2",
        create=(create_listener,),
        read=(read_listener,),
        update=(update_listener,),
        delete=(Call("delete_listener", params={"ListenerArn": "$id"}, fill=False),),
        replace=frozenset({"loadBalancerArn"}),
        nested_filled={f"defaultActions.redirect.{name}": value for name, value in REDIRECT.items()},
        nested_computed=frozenset({"defaultActions.order"}),
        sticky=frozenset({"port", "protocol", "sslPolicy"}),
        gone=frozenset({"ListenerNotFound"}),
        tags=TAGS,
        unsupported={
            "alpnPolicy": "the local cloud has application load balancers only",
            "mutualAuthentication": "the local cloud asks clients for no certificates",
            "tcpIdleTimeoutSeconds": "the local cloud has application load balancers only",
            **{name: NO_HEADERS for name in schema_of(LISTENER).inputs if name.startswith("routingHttp")},
        },
        rules=(
            one_of("protocol", "HTTP", "HTTPS"),
            one_of("defaultActions.type", *ACTIONS),
            between("port", 1, 65535),
            certificate_with_tls,
            known_actions("defaultActions"),
        ),
        example=Example(
            inputs={
                "loadBalancerArn": Ref("balancer", "arn"),
                "port": 443,
                "protocol": "HTTPS",
                "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
                "certificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/one",
                "defaultActions": [{"type": "fixed-response", "fixedResponse": _NOT_FOUND}],
                "tags": {"a": "1", "b": "1"},
            },
            update={
                "certificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/other",
                "defaultActions": [{"type": "forward", "targetGroupArn": Ref("targets", "arn")}],
                "tags": {"a": "2"},
            },
            replace={"loadBalancerArn": "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/b/1"},
            needs=_NEEDS,
        ),
    ),
    Row(
        type=RULE,
        service="elbv2",
        create=(create_rule,),
        read=(read_rule,),
        update=(update_rule,),
        delete=(Call("delete_rule", params={"RuleArn": "$id"}, fill=False),),
        replace=frozenset({"listenerArn"}),
        sets=frozenset({"conditions", *(f"conditions.{name}.values" for name in CONDITIONS)}),
        nested_filled={f"actions.redirect.{name}": value for name, value in REDIRECT.items()},
        nested_computed=frozenset({"actions.order"}),
        sticky=frozenset({"priority"}),
        gone=frozenset({"RuleNotFound"}),
        tags=TAGS,
        unsupported={"transforms": "the local cloud's rules rewrite no requests"},
        rules=(
            one_of("actions.type", *ACTIONS),
            between("priority", 1, 50000),
            known_actions("actions"),
            known_conditions,
        ),
        example=Example(
            inputs={
                "listenerArn": Ref("listener", "arn"),
                "priority": 5,
                "conditions": [{"hostHeader": {"values": ["critical.example.com"]}}],
                "actions": [{"type": "forward", "targetGroupArn": Ref("targets", "arn")}],
                "tags": {"a": "1", "b": "1"},
            },
            update={
                "priority": 7,
                "conditions": [
                    {"hostHeader": {"values": ["b.example.com", "a.example.com"]}},
                    {"pathPattern": {"values": ["/v1/*"]}},
                ],
                "tags": {"a": "2"},
            },
            replace={"listenerArn": "arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/b/1/1"},
            needs={
                **_NEEDS,
                "listener": Need(
                    LISTENER,
                    {
                        "loadBalancerArn": Ref("balancer", "arn"),
                        "port": 80,
                        "protocol": "HTTP",
                        "defaultActions": [{"type": "fixed-response", "fixedResponse": _NOT_FOUND}],
                    },
                ),
            },
        ),
    ),
)
