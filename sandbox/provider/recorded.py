"""Resources that are recorded in the state and not emulated: checked and compared as all others, made nowhere."""

from sandbox.provider.row import Example, Row
from sandbox.provider.schema import schema_of
from sandbox.provider.values import Properties


def bare_row(token: str) -> Row:
    """A row for a recorded type that has none: its inputs are known from the schema, nothing else."""
    return Row(type=token, service="", create=(), read=(), delete=(), id=(), example=Example(inputs={}))


def recorded(row: Row, inputs: Properties, logical: str) -> tuple[str, Properties]:
    """The id and state that stand for the resource: its inputs, and no output that only a cloud could give."""
    parts = [inputs.get(name) for name in row.id]
    known = parts and all(isinstance(part, str) for part in parts)
    identity = row.id_separator.join(str(part) for part in parts) if known else logical
    return identity, {name: value for name, value in inputs.items() if name in schema_of(row.type).outputs}
