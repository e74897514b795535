"""What a row is: everything the engine has to know about one resource type."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from sandbox.provider.context import Context


@dataclass(frozen=True)
class Literal:
    """A constant in a request, where a plain string would name a property."""

    value: Any


@dataclass(frozen=True)
class Call:
    """One botocore operation.

    Args:
        operation: the client's method, such as `put_bucket_versioning`.
        params: request member to property name (`"$id"` is the resource's id), `Literal`, or function of the context.
        within: dotted request member that takes the properties of the same names; "" is the request itself.
        only: the properties it sends. In an update, or after the first step of a create, it runs only when one of
            them changed, or is set. None: all of them.
        fill: False sends `params` and nothing else.
        result: dotted path to the properties in the answer; numbers index lists (`"Vpcs.0"`).
        optional: an answer of a `gone` code means that this part is not there, not that the resource is not.
    """

    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)
    within: str = ""
    only: tuple[str, ...] | None = None
    fill: bool = True
    result: str = ""
    optional: bool = False


# A step that needs more than matching names: it gets the context and gives back properties, or None for nothing
# (from a read: the resource is gone).
Hook: TypeAlias = Callable[["Context"], "dict[str, Any] | None"]
Step: TypeAlias = Call | Hook


@dataclass(frozen=True)
class TagCalls:
    """How a service tags.

    Args:
        add: the operation that sets tags, remove: the one that takes them away, read: the one that lists them
            ("" when the resource's own answer carries them).
        target: request member that names the resource, and the property that goes into it (`"$id"` is the id).
        tags: request member of the tags (dotted, when it lies deeper), keys: the member of the keys to remove.
        pair: the names of a tag's key and value; None when tags are a map.
        answer: member of the read's answer; several names are tried in order.
        at_create: request member of the create call; "" tags in a call of its own; a function of context and tags
            gives request members.
        service: where it is not the row's own.
        whole: `add` replaces all tags at once, and `remove` takes all of them.
        none: codes of `read` that mean that there are no tags.
        one_key: a request takes one key away, however many it names.
    """

    add: str
    remove: str
    read: str = ""
    target: tuple[str, str] = ("ResourceArn", "arn")
    tags: str = "Tags"
    keys: str = "TagKeys"
    pair: tuple[str, str] | None = ("Key", "Value")
    answer: tuple[str, ...] = ("Tags", "TagList", "TagSet", "tags")
    at_create: str | Callable[["Context", dict[str, str]], dict[str, Any]] = ""
    service: str = ""
    whole: bool = False
    none: frozenset[str] = frozenset()
    one_key: bool = False


@dataclass(frozen=True)
class AutoName:
    """The property that is named `<logical name>-<7 hex>` when the program does not name it.

    Args:
        suffix: what comes after the random part; a function gets the inputs (`.fifo`).
        prefix: the property that gives the beginning of the name instead (`bucketPrefix`).
        start: what every name begins with (`alias/`).
        lower: the service takes lower case only.
    """

    name: str
    length: int
    prefix: str = ""
    suffix: Callable[[Mapping[str, Any]], str] | None = None
    start: str = ""
    lower: bool = False


@dataclass(frozen=True)
class Wait:
    """After create and update, read until a property has one of the wanted values.

    Args:
        seconds: how long at most.
        reason: asks the service why it failed; "" when it does not say.
    """

    property: str
    wanted: tuple[Any, ...]
    failed: tuple[Any, ...] = ()
    seconds: float = 300
    reason: Callable[["Context"], str] | None = None


@dataclass(frozen=True)
class Problem:
    """What a rule found wrong: the property and a sentence about it."""

    property: str
    reason: str


Rule: TypeAlias = Callable[[Mapping[str, Any]], "list[Problem]"]


@dataclass(frozen=True)
class Ref:
    """In an example: a property of one of the resources it needs."""

    need: str
    property: str = "id"


@dataclass(frozen=True)
class Need:
    """In an example: a resource that has to exist first."""

    token: str
    inputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Example:
    """Inputs for the table test: a first version, what an update changes, what a replacement changes.

    `Ref` stands for a property of an entry of `needs`, which are created first, in order. A changed value of None takes
    the property away. `replace` is None only for types that nothing replaces. `lasting` is the reason why reading still
    finds something after delete.
    """

    inputs: Mapping[str, Any]
    update: Mapping[str, Any] | None = None
    replace: Mapping[str, Any] | None = None
    needs: Mapping[str, Need] = field(default_factory=dict)
    lasting: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One resource type.

    Args:
        type: such as `aws:sqs/queue:Queue`; inputs, outputs and secrets come from pulumi_aws.
        service: botocore's name of the service.
        cfn: the CloudFormation type whose schema holds patterns, enums and ranges; `AWS::S3::Bucket/TopicConfiguration`
            means a definition inside.
        create, update, delete: the steps in order; the first of `create` makes the resource.
        read: the steps whose answers are merged; the first one that finds nothing means that it is gone.
        id: the properties that make up the id, joined by `id_separator`; importing takes them apart again.
        names: see sandbox/provider/shapes.py.
        cfn_names: the same for the CloudFormation schema, where it differs.
        replace: properties whose change makes a new resource (region always does).
        sets: dotted paths of lists whose order means nothing.
        choices: dotted paths of objects of which one member is there, and says something though nothing is in it.
        json: properties that hold a JSON document, compared by meaning.
        defaults: filled in at Check when the program says nothing.
        nested_filled: the same deeper: dotted paths, filled in wherever what they lie in is there.
        nested_defaults: dotted paths and the values that the cloud reports though nobody set them.
        nested_computed: dotted paths that the cloud fills in by itself when the program does not.
        write_only: dotted paths that the cloud does not give back; the program's value is kept.
        provider_only: inputs that never reach the cloud and that steer this provider (forceDestroy).
        sticky: removing them from the program changes nothing, as they are also computed.
        watched: properties that are drift when the cloud has them and the program does not.
        unset: what an update sends for a property the program no longer has.
        gone: error codes that mean it does not exist.
        taken: error codes of create that mean the name exists; a half-done create of ours is then adopted.
        half_done: for types that are tagged after they are made: whether the untagged one that has the name can only be
            our own interrupted create.
        taken_id: the id it has then, where it is not made of the inputs.
        outputs: outputs computed from other properties, by function of the context.
        tags: how it is tagged; None for types without tags.
        wait: for resources that are made asynchronously.
        wait_gone: whether delete is done only when reading finds nothing.
        delete_first: a replacement deletes before it creates, because only one can exist.
        unsupported: inputs that the row does not act on, and what to use instead; Check refuses them.
        rules: what Check looks at beyond schemas.
        uncheck: properties to which the packaged constraints do not apply.
    """

    type: str
    service: str
    create: tuple[Step, ...]
    read: tuple[Step, ...]
    delete: tuple[Step, ...]
    update: tuple[Step, ...] = ()
    id: tuple[str, ...] = ("id",)
    id_separator: str = ":"
    cfn: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    cfn_names: Mapping[str, str] = field(default_factory=dict)
    replace: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    choices: frozenset[str] = frozenset()
    json: frozenset[str] = frozenset()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    nested_filled: Mapping[str, Any] = field(default_factory=dict)
    nested_defaults: Mapping[str, Any] = field(default_factory=dict)
    nested_computed: frozenset[str] = frozenset()
    write_only: frozenset[str] = frozenset()
    provider_only: frozenset[str] = frozenset()
    sticky: frozenset[str] = frozenset()
    watched: frozenset[str] = frozenset()
    unset: Mapping[str, Any] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    half_done: Callable[["Context"], bool] | None = None
    taken_id: Callable[["Context"], str] | None = None
    outputs: Mapping[str, Callable[["Context"], Any]] = field(default_factory=dict)
    auto_name: AutoName | None = None
    tags: TagCalls | None = None
    wait: Wait | None = None
    wait_gone: bool = False
    delete_first: bool = False
    unsupported: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    uncheck: frozenset[str] = frozenset()
    example: Example
