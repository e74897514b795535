"""What a step of a row has at hand: the inputs, the state so far, and calls that report errors as sentences."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.cloud import Cloud, code_of, sentence
from sandbox.provider.errors import ProviderError
from sandbox.provider.row import Call, Literal, Row, Step
from sandbox.provider.schema import TypeSchema, schema_of
from sandbox.provider.shapes import object_from, to_request
from sandbox.provider.values import Properties


class GoneError(ProviderError):
    """The resource, or an optional part of it, does not exist."""


class CallError(ProviderError):
    """A call was refused; `code` is the service's own."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class Context:
    """One operation on one resource.

    Attributes:
        inputs: what the program wants; `$id` is not in them.
        old: the inputs before an update; empty in a create.
        state: properties known so far, inputs among them.
        changed: the properties an update changes.
    """

    def __init__(
        self, cloud: Cloud, row: Row, inputs: Properties, state: Properties | None = None, identity: str = ""
    ) -> None:
        self.cloud = cloud
        self.row = row
        self.inputs = inputs
        self.old: Properties = {}
        self.state: Properties = {**inputs, **(state or {})}
        self.id = identity
        self.changed: frozenset[str] = frozenset()
        self.creating = False
        self.tags_sent = False

    @property
    def schema(self) -> TypeSchema:
        """The schema of the resource's type."""
        return schema_of(self.row.type)

    @property
    def region(self) -> str:
        """The resource's own region, or the provider's for types that have none."""
        return str(self.state.get("region") or self.inputs.get("region") or self.cloud.region)

    def __getitem__(self, name: str) -> Any:
        """A property as the program wants it, else as the state has it, else None; `$id` is the id."""
        if name == "$id":
            return self.id
        return self.inputs.get(name, self.state.get(name))

    def client(self, service: str = "") -> Any:
        """The client of a service in the resource's region."""
        return self.cloud.client(service or self.row.service, self.region)

    def call(self, operation: str, service: str = "", /, **request: Any) -> dict[str, Any]:
        """One request; None values are left out.

        Raises:
            GoneError: the answer is one of the row's `gone` codes.
            CallError: the service refused.
        """
        wanted = {name: value for name, value in request.items() if value is not None}
        try:
            return getattr(self.client(service), operation)(**wanted)
        except ProviderError:
            raise
        except Exception as error:
            code = code_of(error)
            message = sentence(error, operation, self.row.type)
            if code and code in self.row.gone:
                raise GoneError(message) from error
            raise CallError(message, code) from error

    def run(self, step: Step, *, extra: Mapping[str, Any] | None = None) -> Properties | None:
        """Runs a step and gives back the properties in its answer; None when it found nothing."""
        if not isinstance(step, Call):
            return step(self)
        answer = self.call(step.operation, **self._request(step), **(extra or {}))
        found = at(answer, step.result)
        return None if found is None else object_from(found, self.schema.outputs, self.row.names)

    def _request(self, step: Call) -> dict[str, Any]:
        model = self.client().meta.service_model
        shape = model.operation_model(self.client().meta.method_to_api_mapping[step.operation]).input_shape
        request: dict[str, Any] = {}
        if step.fill:
            request = self._fill(step, shape)
        for member, source in step.params.items():
            value = self._value(source)
            if value is not None:
                request[member] = to_request(value, shape.members[member], self.row.names)
        return request

    def _fill(self, step: Call, shape: Any) -> dict[str, Any]:
        names = self.inputs.keys() if step.only is None else step.only
        hidden = self.row.provider_only | {"tags", "tagsAll", "region", "__defaults"}
        wanted = {
            name: self.inputs.get(name, self.row.unset.get(name) if name in self.changed else None)
            for name in names
            if name not in hidden
        }
        wanted = {name: value for name, value in wanted.items() if value is not None}
        path = [part for part in step.within.split(".") if part]
        target = shape
        for part in path:
            target = target.members[part]
        body = to_request(wanted, target, self.row.names)
        for part in reversed(path):
            body = {part: body}
        return body

    def _value(self, source: Any) -> Any:
        if isinstance(source, Literal):
            return source.value
        if isinstance(source, str):
            return self[source]
        return source(self)


def at(answer: Any, path: str) -> Any:
    """What lies at a dotted path of an answer; None when there is nothing."""
    for part in [part for part in path.split(".") if part]:
        if isinstance(answer, list):
            answer = answer[int(part)] if int(part) < len(answer) else None
        elif isinstance(answer, Mapping):
            answer = answer.get(part)
        if answer is None:
            return None
    return answer
