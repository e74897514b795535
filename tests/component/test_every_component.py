"""Rules that hold for every component, whoever wrote it; a class that is new is held to them by its example."""

import dataclasses
import functools
import importlib
import inspect
import json
import keyword
import pkgutil
import re
import types
import typing
from collections.abc import Awaitable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.analyzer import Analyzer, PropertyDefinition

import components
from components.component import RUNBOOKS, Component
from tests.component.examples import EXAMPLES, NAME, PRIMARY, STANDBY, Example, Scope
from tests.recorder import PROVIDER, Recorded, Recording, kubernetes, provider, record

ROOT = Path(__file__).resolve().parents[2]

# What data lies in or can't be read without, and what keeps others away from it.
KEPT = {
    "Alias",
    "Bucket",
    "BucketLifecycleConfiguration",
    "BucketObjectLockConfiguration",
    "BucketOwnershipControls",
    "BucketPolicy",
    "BucketPublicAccessBlock",
    "BucketServerSideEncryptionConfiguration",
    "BucketVersioning",
    "Key",
    "LogGroup",
    "ReplicaKey",
    "Repository",
    "Table",
    "Vault",
    "VaultLockConfiguration",
    "VaultPolicy",
}
# In their policies `Resource: "*"` is the key itself.
KEYS = {"Key", "ReplicaKey"}
# Actions for which a service knows no resource; a condition has to bound them.
WITHOUT_RESOURCE = {"cloudwatch:PutMetricData"}
EVERYWHERE = {"0.0.0.0/0", "::/0"}
KUBERNETES = "pulumi:providers:kubernetes"


def component_classes() -> list[type[Component]]:
    """Every component there is, found by walking the modules."""
    found: list[type[Component]] = []
    for module in pkgutil.walk_packages(components.__path__, "components."):
        found += [
            value
            for value in vars(importlib.import_module(module.name)).values()
            if inspect.isclass(value) and issubclass(value, Component) and value.__module__ == module.name
        ]
    found.remove(Component)
    return sorted(found, key=lambda cls: cls.__name__)


COMPONENTS = component_classes()


@functools.cache
def recorded(component: type[Component], keep: bool = True, preview: bool = False) -> Recording:
    example = EXAMPLES[component]
    return record(lambda: example.build(keep, options(example)), preview=preview)


def options(example: Example) -> pulumi.ResourceOptions:
    given = provider(STANDBY)
    if example.in_cluster:
        return pulumi.ResourceOptions(providers=[given, kubernetes()])
    return pulumi.ResourceOptions(provider=given)


def inside(recording: Recording) -> list[Recorded]:
    """What the component registered: all but the providers it was given and itself."""
    return [r for r in recording.resources if not r.type.startswith("pulumi:providers:") and not is_itself(r)]


def is_itself(resource: Recorded) -> bool:
    return resource.name == NAME and not resource.custom


def cloud(recording: Recording) -> list[Recorded]:
    """What the component made in the cloud."""
    return [r for r in inside(recording) if r.custom]


@functools.cache
def takes(type_: str) -> frozenset[str]:
    """The arguments of the class of an `aws:…` type; Kubernetes objects have neither a region nor tags."""
    package, module, name = type_.split(":")
    if package == "kubernetes":
        return frozenset()
    chapter = module.split("/")[0]
    chapter = f"{chapter}_" if keyword.iskeyword(chapter) else chapter
    classes = importlib.import_module(f"pulumi_aws.{chapter}")
    return frozenset(inspect.signature(getattr(classes, name)._internal_init).parameters)


def strings(value: Any) -> Iterator[str]:
    """Every string in an input, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def allowed(recording: Recording) -> Iterator[tuple[Recorded, dict[str, Any]]]:
    """Each Allow statement of each policy document, with the resource it is in."""
    for resource in cloud(recording):
        for name in ("policy", "assumeRolePolicy"):
            if name not in resource.inputs:
                continue
            document = json.loads(resource.inputs[name])
            for statement in listed(document.get("Statement", [])):
                if statement["Effect"] == "Allow":
                    yield resource, statement


every_component = pytest.mark.parametrize("component", COMPONENTS, ids=lambda cls: cls.__name__)


@every_component
def test_has_an_example(component: type[Component]) -> None:
    assert component in EXAMPLES, f"{component.__name__} has no example in tests/component/examples.py"
    itself = [r for r in recorded(component).resources if is_itself(r)]
    assert [r.type for r in itself] == [component.token()], f"the example of {component.__name__} builds another one"


@every_component
def test_the_token_is_its_folder_and_its_name(component: type[Component]) -> None:
    folder = Path(inspect.getfile(component)).parent.name
    assert component.token() == f"stanchion:{folder}:{component.__name__}"


@every_component
def test_says_what_it_costs_and_what_it_does_for_recovery(component: type[Component]) -> None:
    doc = component.__doc__ or ""
    for heading in ("Cost", "Recovery"):
        assert re.search(rf"^ *{heading}: \S", doc, re.MULTILINE), f"{component.__name__} says nothing under {heading}:"


@every_component
def test_everything_in_it_is_its_child_or_the_child_of_a_component_in_it(component: type[Component]) -> None:
    recording = recorded(component)
    assert cloud(recording)
    for resource in inside(recording):
        chain = recording.parent_chain(resource)
        assert chain, f"{resource.urn} has no parent, so it is made by the default provider"
        assert chain[-1] == component.token()
        assert all(type_.startswith("stanchion:") for type_ in chain)


@every_component
def test_names_of_children_begin_with_the_name_of_their_parent(component: type[Component]) -> None:
    recording = recorded(component)
    for resource in inside(recording):
        assert resource.name.startswith(f"{recording.at(resource.parent).name}-")


@every_component
def test_no_two_resources_have_one_urn(component: type[Component]) -> None:
    urns = [r.urn for r in recorded(component).resources]
    assert sorted(set(urns)) == sorted(urns)


@every_component
def test_everything_lies_in_the_region_it_is_meant_for(component: type[Component]) -> None:
    recording = recorded(component)
    scope = EXAMPLES[component].scope
    given = {"aws": recording.one(PROVIDER)} | {r.type.split(":")[-1]: r for r in recording.all(KUBERNETES)}
    for resource in cloud(recording):
        own = given[resource.type.split(":")[0]]
        assert resource.provider == own.urn, f"{resource.urn} is made by another provider than the one given"
        if "region" not in takes(resource.type):
            assert "region" not in resource.inputs
        elif scope is Scope.REGIONAL:
            assert "region" not in resource.inputs, f"{resource.urn} names a region though its provider has one"
            assert recording.region_of(resource) == STANDBY
        else:
            assert resource.inputs.get("region") in (PRIMARY, STANDBY), f"{resource.urn} names no region"


@every_component
def test_what_takes_tags_says_whose_it_is(component: type[Component]) -> None:
    for resource in cloud(recorded(component)):
        if "tags" in takes(resource.type):
            tags = resource.inputs.get("tags", {})
            assert {"stanchion:shared", "stanchion:workload"} & set(tags), f"{resource.urn} has tags {tags}"


@every_component
def test_keep_protects_and_retains_what_holds_data_and_what_protects_that(component: type[Component]) -> None:
    for resource in cloud(recorded(component, keep=True)):
        assert resource.protect == resource.retain_on_delete, f"{resource.urn} is protected or retained, but not both"
        if resource.kind in KEPT:
            assert resource.retain_on_delete, f"{resource.urn} goes with the stack though data is to be kept"


@every_component
def test_disposable_protects_nothing(component: type[Component]) -> None:
    for resource in inside(recorded(component, keep=False)):
        assert not resource.protect
        assert not resource.retain_on_delete


@every_component
def test_outputs_that_the_schema_promises_are_said(component: type[Component]) -> None:
    recording = recorded(component)
    (itself,) = [r for r in recording.resources if is_itself(r)]
    promised = Analyzer("stanchion").analyze([component])["component_definitions"][component.__name__].outputs
    required = {name for name, definition in promised.items() if not definition.optional}
    assert required <= set(recording.outputs[itself.urn])


@every_component
def test_keep_changes_no_name(component: type[Component]) -> None:
    assert {r.urn for r in recorded(component, keep=True).resources} == {
        r.urn for r in recorded(component, keep=False).resources
    }


@every_component
def test_a_first_preview_shows_everything_that_will_be_made(component: type[Component]) -> None:
    preview = recorded(component, preview=True)
    assert {r.urn for r in preview.resources} == {r.urn for r in recorded(component).resources}


@every_component
def test_every_alarm_notifies_a_topic_and_names_its_runbook(component: type[Component]) -> None:
    for alarm in recorded(component).all("MetricAlarm"):
        assert re.search(rf"Runbook: {RUNBOOKS}/[a-z-]+\.md$", alarm.inputs["alarmDescription"]), alarm.urn
        assert alarm.inputs["alarmActions"] == alarm.inputs["okActions"]
        assert [action.split(":")[2] for action in alarm.inputs["alarmActions"]] == ["sns"]


@every_component
def test_an_alarm_notifies_a_topic_of_its_own_region(component: type[Component]) -> None:
    recording = recorded(component)
    for alarm in recording.all("MetricAlarm"):
        assert {action.split(":")[3] for action in alarm.inputs["alarmActions"]} == {recording.region_of(alarm)}


@every_component
def test_every_runbook_that_is_named_exists(component: type[Component]) -> None:
    said = " ".join(text for r in inside(recorded(component)) for text in strings(r.inputs))
    missing = {path for path in re.findall(rf"{RUNBOOKS}/[\w-]+\.md", said) if not (ROOT / path).is_file()}
    assert not missing


@every_component
def test_nothing_is_allowed_to_everybody_or_everything(component: type[Component]) -> None:
    for resource, statement in allowed(recorded(component)):
        said = f"{resource.urn} allows {statement}"
        assert not {"NotAction", "NotPrincipal", "NotResource"} & set(statement), said
        who = statement.get("Principal", {})
        assert "*" not in ([who] if isinstance(who, str) else [p for ps in who.values() for p in listed(ps)]), said
        actions = listed(statement["Action"])
        assert not {"*", "*:*"} & set(actions), said
        if resource.kind not in KEYS:
            assert not [action for action in actions if action.endswith(":*")], said
            if not (set(actions) <= WITHOUT_RESOURCE and statement.get("Condition")):
                assert "*" not in listed(statement.get("Resource", [])), said


@every_component
def test_nothing_is_open_to_the_internet(component: type[Component]) -> None:
    for resource in cloud(recorded(component)):
        rules = [resource.inputs] if resource.kind == "SecurityGroupIngressRule" else resource.inputs.get("ingress", [])
        if resource.kind == "SecurityGroupRule" and resource.inputs["type"] == "ingress":
            rules = [resource.inputs]
        assert not EVERYWHERE & set(strings(rules)), f"{resource.urn} lets in everybody"


def test_every_component_can_be_used_from_any_pulumi_language() -> None:
    """The analyzer that makes a schema of components takes them all, and drops nothing of what they are told."""
    result = Analyzer("stanchion").analyze(list(COMPONENTS))
    for component in COMPONENTS:
        args = inspect.get_annotations(component.__init__)["args"]
        definition = result["component_definitions"][component.__name__]
        assert_nothing_dropped(args, definition.inputs, definition.inputs_mapping)
    for definition in result["type_definitions"].values():
        if issubclass(definition.python_type, Enum):
            assert {member.name for member in definition.enum or []} == set(definition.python_type.__members__)
        else:
            assert_nothing_dropped(definition.python_type, definition.properties, definition.properties_mapping)


def assert_nothing_dropped(args: type, properties: dict[str, PropertyDefinition], names: dict[str, str]) -> None:
    # A class that is no dataclass, such as timedelta, becomes a type without properties.
    assert dataclasses.is_dataclass(args), f"{args} is no dataclass, so the schema has none of it"
    fields = {field.name: field for field in dataclasses.fields(args)}
    assert set(names.values()) == set(fields), f"{args.__name__}: the schema has {set(names.values())}"
    for name, definition in properties.items():
        field = fields[names[name]]
        assert_one_type(field.type, f"{args.__name__}.{field.name}")
        is_optional = types.NoneType in typing.get_args(field.type)
        assert definition.optional == is_optional, f"{args.__name__}.{field.name}"


def assert_one_type(annotation: Any, where: str) -> None:
    """Of several types in a union the analyzer takes the first and says nothing of the others."""
    parts = typing.get_args(annotation)
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        plain = [
            part
            for part in parts
            if part is not types.NoneType
            and typing.get_origin(part) not in (Awaitable, pulumi.Output)
            and not isinstance(part, typing.ForwardRef)
        ]
        assert len(plain) == 1, f"{where} has {len(plain)} types, and the schema takes one"
        parts = tuple(plain)
    for part in parts:
        assert_one_type(part, where)
