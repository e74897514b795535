"""The one engine under all rows: create, read, update and delete as their steps say."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.provider import tags
from sandbox.provider.cloud import Cloud
from sandbox.provider.compare import completed, empty, reconcile, same
from sandbox.provider.context import CallError, Context, GoneError
from sandbox.provider.errors import PartlyCreatedError, ProviderError
from sandbox.provider.row import Call, Row, Wait
from sandbox.provider.schema import schema_of
from sandbox.provider.values import UNKNOWN, Properties

FIRST_PAUSE = 0.05  # seconds between two looks at a resource that is being made; doubled up to LONGEST_PAUSE
LONGEST_PAUSE = 2.0


def planned(row: Row, inputs: Properties, old: Properties | None = None) -> Properties:
    """The state a preview expects: computed outputs are unknown in a create and stay in an update."""
    schema = schema_of(row.type)
    state: Properties = {}
    for name in schema.outputs:
        if name in inputs:
            state[name] = inputs[name]
        elif name not in schema.inputs or name in row.sticky:
            state[name] = UNKNOWN if old is None else old.get(name)
    return {name: value for name, value in state.items() if value is not None}


def create(cloud: Cloud, row: Row, inputs: Properties) -> tuple[str, Properties]:
    """Makes a resource and gives back its id and state.

    Raises:
        ProviderError: nothing was made.
        PartlyCreatedError: it exists, but a later step failed.
    """
    context = Context(cloud, row, inputs)
    context.creating = True
    try:
        context.state.update(_first(context) or {})
    except CallError as error:
        if error.code not in row.taken:
            raise
        return _adopt(context, error)
    _compute(context)
    context.id = identity(context)
    try:
        for step in row.create[1:]:
            if not isinstance(step, Call) or step.only is None or any(name in inputs for name in step.only):
                context.state.update(context.run(step) or {})
        if row.tags is not None and inputs.get("tagsAll") and not context.tags_sent:
            tags.change(context, {})
        return context.id, _kept(context, _settled(context))
    except ProviderError as error:
        raise PartlyCreatedError(context.id, context.state, str(error)) from error


def _first(context: Context) -> Properties | None:
    step = context.row.create[0]
    return context.run(step, extra=tags.at_create(context)) if isinstance(step, Call) else context.run(step)


def _adopt(context: Context, error: CallError) -> tuple[str, Properties]:
    """Takes over what an interrupted create of ours left behind: same name, same tags, or the same in everything."""
    row, inputs = context.row, context.inputs
    context.id = row.taken_id(context) if row.taken_id is not None else identity(context)
    found = read(context.cloud, row, context.id, inputs)
    if found is None:
        raise error
    state, seen = found
    differing = {name for name, value in inputs.items() if not same(row, name, value, seen.get(name))}
    marked = row.tags is not None and bool(inputs.get("tagsAll")) and "tagsAll" not in differing
    if not marked and row.half_done is not None and not seen.get("tagsAll"):
        marked = row.half_done(context)
    if not marked and differing - row.replace:
        raise ProviderError(f"{error}. It was not made by this stack: give the resource another name, or import it")
    if differing & row.replace:
        raise error
    if not differing:
        return context.id, state
    return context.id, update(context.cloud, row, context.id, seen, inputs, state)


def identity(context: Context) -> str:
    """The id, from the properties the row names."""
    parts = [context.state.get(name) for name in context.row.id]
    if any(part in (None, "") for part in parts):
        raise ProviderError(f"{context.row.type}: the cloud's answer has no {' and '.join(context.row.id)}")
    return context.row.id_separator.join(str(part) for part in parts)


def from_identity(row: Row, identity: str) -> Properties:
    """The properties that an id holds, for an import."""
    parts = identity.split(row.id_separator, len(row.id) - 1)
    if len(parts) != len(row.id):
        expected = row.id_separator.join(f"<{name}>" for name in row.id)
        raise ProviderError(f"{row.type}: '{identity}' is no id of this type; it looks like {expected}")
    return {name: part for name, part in zip(row.id, parts, strict=True) if name != "id"}


def read(
    cloud: Cloud, row: Row, identity: str, inputs: Properties, state: Properties | None = None
) -> tuple[Properties, Properties] | None:
    """The state and the inputs as the cloud has them; None when the resource is gone.

    Args:
        inputs: the program's, to say things in its words; empty in an import.
    """
    schema = schema_of(row.type)
    known = {**from_identity(row, identity), **(state or {})}
    if schema.regional:
        known["region"] = inputs.get("region") or known.get("region") or cloud.region
    context = Context(cloud, row, inputs, known, identity)
    found = _look(context)
    if found is None:
        return None
    return _outputs(context, found), _inputs(context, found, importing=not inputs)


def _look(context: Context) -> Properties | None:
    found: Properties = {}
    try:
        for step in context.row.read:
            try:
                part = context.run(step)
            except GoneError:
                if isinstance(step, Call) and step.optional:
                    continue
                raise
            if part is None:
                if isinstance(step, Call) and step.optional:
                    continue
                return None
            found.update(part)
            context.state.update(part)
        _compute(context)
        listed = tags.read(context)
    except GoneError:
        return None
    found.update({name: context.state[name] for name in context.row.outputs if name in context.state})
    if listed is None and context.row.tags is not None:
        listed = tags.from_wire(found.get("tags", found.get("tagsAll")))
    if listed is not None:
        found.pop("tags", None)
        found.update(tags.split(listed, context.inputs.get("tags"), context.cloud.settings.default_tags))
    return found


def _compute(context: Context) -> None:
    for name, function in context.row.outputs.items():
        value = function(context)
        if value is not None:
            context.state[name] = value


def _outputs(context: Context, found: Mapping[str, Any]) -> Properties:
    """The state as others read it: with the parts of properties that only the cloud knows."""
    row = context.row
    return {name: completed(row, name, value, found.get(name)) for name, value in _state(context, found).items()}


def _state(context: Context, found: Mapping[str, Any]) -> Properties:
    row, state = context.row, {}
    for name in context.schema.outputs:
        wanted = context.inputs.get(name)
        if name in row.write_only or name in row.provider_only:
            value = context[name]
        elif name in found and wanted is not None:
            value = reconcile(row, name, wanted, found[name])
        elif name in found:
            value = found[name]
        elif name == "region":
            value = context.region
        else:
            value = wanted if wanted is not None and empty(wanted) else None
        if value is not None:
            state[name] = value
    return state


def _inputs(context: Context, found: Mapping[str, Any], *, importing: bool) -> Properties:
    """What the program would have to say to get what the cloud has."""
    row, state = context.row, _state(context, found)
    said = {name for name in context.schema.inputs if name in state}
    wanted = {name for name in said if name in row.choices or context.schema.inputs[name].required}
    taken = wanted | {name for name in said if not empty(state[name])}
    names = taken | row.provider_only if importing else context.inputs.keys() | (taken & (row.watched | {"tags"}))
    inputs = {name: state[name] for name in names if name in state}
    if not importing and "__defaults" in context.inputs:
        inputs["__defaults"] = context.inputs["__defaults"]
    if "tagsAll" in state and context.schema.taggable:
        inputs["tagsAll"] = state["tagsAll"]
    return inputs


def update(cloud: Cloud, row: Row, identity: str, old: Properties, new: Properties, state: Properties) -> Properties:
    """Changes a resource to the new inputs and gives back its state.

    Args:
        old: the inputs before, in the cloud's version when a refresh has seen one.

    Raises:
        PartlyCreatedError: a step failed; the state says what the resource looks like now.
    """
    context = Context(cloud, row, new, state, identity)
    context.old = old
    context.state = {name: value for name, value in context.state.items() if name in new or name not in old}
    context.changed = frozenset(
        name for name in old.keys() | new.keys() if not same(row, name, old.get(name), new.get(name))
    )
    try:
        for step in row.update:
            if not isinstance(step, Call) or step.only is None or context.changed.intersection(step.only):
                context.run(step)
        if "tagsAll" in context.changed:
            tags.change(context, old.get("tagsAll") or {})
        return _kept(context, _settled(context))
    except ProviderError as error:
        raise PartlyCreatedError(identity, {**state, **new}, str(error)) from error


def delete(cloud: Cloud, row: Row, identity: str, inputs: Properties, state: Properties) -> None:
    """Deletes a resource; one that is gone already is fine."""
    context = Context(cloud, row, {**state, **inputs}, from_identity(row, identity) | state, identity)
    for step in row.delete:
        try:
            context.run(step)
        except GoneError:
            continue
    if row.wait_gone:
        _until(context, Wait("", ()), lambda: _look(context) is None)


def _settled(context: Context) -> Properties:
    """The state once the resource is what the row waits for."""
    row, wait = context.row, context.row.wait
    last: dict[str, Properties | None] = {"found": None}

    def ready() -> bool:
        found = last["found"] = _look(context)
        if found is None or wait is None:
            return found is not None
        value = found.get(wait.property)
        if value in wait.failed:
            said = wait.reason(context) if wait.reason is not None else ""
            raise ProviderError(f"{row.type} {context.id} became {value}{': ' if said else ''}{said}")
        return value in wait.wanted

    if wait is None and not ready():
        raise ProviderError(f"{row.type} {context.id} was made, but cannot be read")
    if wait is not None:
        _until(context, wait, ready)
    return _outputs(context, last["found"] or {})


def _kept(context: Context, state: Properties) -> Properties:
    """The state, when the cloud has kept everything that the program asked for; nothing is dropped in silence."""
    known = context.schema.inputs
    lost = [name for name in context.inputs if name in known and name not in state and not empty(context.inputs[name])]
    if lost:
        raise ProviderError(
            f"the local cloud did not keep {', '.join(sorted(lost))} of {context.row.type}: its row has to say "
            "`unsupported`, or `write_only` when only reading it back is missing"
        )
    return state


def _until(context: Context, wait: Wait, ready: Callable[[], bool]) -> None:
    row = context.row
    deadline, pause = time.monotonic() + wait.seconds, FIRST_PAUSE
    while not ready():
        if time.monotonic() > deadline:
            wanted = " or ".join(str(value) for value in wait.wanted) or "gone"
            raise ProviderError(f"{row.type} was not {wanted} within {wait.seconds:.0f} s")
        if context.cloud.cancelled.wait(pause):
            raise ProviderError(f"waiting for {row.type} was cancelled")
        pause = min(2 * pause, LONGEST_PAUSE)
