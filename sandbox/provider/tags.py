"""Tags: the program's own and the provider's defaults, on the wire form of each service."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import CallError, Context, at
from sandbox.provider.row import TagCalls
from sandbox.provider.values import UNKNOWN, Properties, has_unknown


def merged(defaults: Mapping[str, str], own: Any) -> Any:
    """`tagsAll`: the provider's default tags under the resource's own."""
    return UNKNOWN if own is UNKNOWN else {**defaults, **(own or {})}


def at_create(context: Context) -> dict[str, Any]:
    """Request members that tag a resource as it is made; empty when the row tags in a call of its own."""
    calls, wanted = context.row.tags, context["tagsAll"]
    if calls is None or not calls.at_create or not wanted:
        return {}
    context.tags_sent = True
    if isinstance(calls.at_create, str):
        return {calls.at_create: wire(calls, wanted)}
    return calls.at_create(context, wanted)


def wire(calls: TagCalls, tags: Mapping[str, Any]) -> Any:
    """Tags in the form that the service takes."""
    if calls.pair is None:
        return {key: str(value) for key, value in tags.items()}
    key_name, value_name = calls.pair
    return [{key_name: key, value_name: str(value)} for key, value in tags.items()]


def change(context: Context, before: Mapping[str, Any]) -> None:
    """Makes the cloud's tags those of `tagsAll`; other people's tags that were never ours stay."""
    calls, wanted = context.row.tags, context["tagsAll"] or {}
    if calls is None:
        return
    target = _target(calls, context)
    lost = [key for key in before if key not in wanted]
    if calls.whole and not wanted:
        context.call(calls.remove, calls.service, **target)
    elif lost and not calls.whole:
        for keys in [[key] for key in lost] if calls.one_key else [lost]:
            named = [{"Key": key} for key in keys] if calls.keys == "Tags" else keys
            context.call(calls.remove, calls.service, **target, **{calls.keys: named})
    if wanted and (calls.whole or any(before.get(key) != value for key, value in wanted.items())):
        context.call(calls.add, calls.service, **target, **_nested(calls.tags, wire(calls, wanted)))


def _target(calls: TagCalls, context: Context) -> dict[str, Any]:
    member, name = calls.target
    # Some services tag several resources at once, so that the member that names one is a list.
    return {member: [context[name]] if member in ("Resources", "ResourceArns") else context[name]}


def _nested(path: str, value: Any) -> dict[str, Any]:
    first, _, rest = path.partition(".")
    return {first: _nested(rest, value) if rest else value}


def read(context: Context) -> dict[str, str] | None:
    """The cloud's tags, when they are listed by a call of their own."""
    calls = context.row.tags
    if calls is None or not calls.read:
        return None
    try:
        answer = context.call(calls.read, calls.service, **_target(calls, context))
    except CallError as error:
        if error.code in calls.none:
            return {}
        raise
    return from_wire(next((found for path in calls.answer if (found := at(answer, path)) is not None), None))


def from_wire(found: Any) -> dict[str, str]:
    """Tags in any service's form as a map, without those that belong to AWS."""
    if isinstance(found, Mapping):
        tags = dict(found)
    else:
        tags = {}
        for entry in found or []:
            folded = {name.lower(): value for name, value in entry.items()}
            tags[folded.get("key", folded.get("tagkey"))] = folded.get("value", folded.get("tagvalue"))
    return {str(key): str(value) for key, value in tags.items() if not str(key).startswith("aws:")}


def split(found: Mapping[str, str], own: Any, defaults: Mapping[str, str]) -> Properties:
    """`tags` and `tagsAll` of a state: a tag that only repeats a default belongs to the default."""
    given = own if isinstance(own, Mapping) and not has_unknown(own) else {}
    tags = {key: value for key, value in found.items() if key in given or defaults.get(key) != value}
    return {"tagsAll": dict(found), **({"tags": tags} if tags or own is not None else {})}
