"""Which operation of EKS a request is, and with which parameters, as botocore's model of the service says."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import botocore.session
from botocore.model import OperationModel
from botocore.validate import ParamValidator

from sandbox.eks.errors import EksError, invalid, not_found

# ARNs have slashes of their own, which clients send as they are.
_WITH_SLASHES = ("principalArn", "policyArn", "resourceArn")


@dataclass(frozen=True)
class Operation:
    """One request: the operation's name and its parameters, named as in the API reference."""

    name: str
    parameters: Mapping[str, Any]


class Operations:
    """All operations of EKS, those that nobody answers here among them."""

    def __init__(self) -> None:
        model: Any = botocore.session.get_session().get_service_model("eks")
        found: list[OperationModel] = [model.operation_model(name) for name in model.operation_names]
        # The longest path first: what stands in for an ARN would take in the rest of a longer one.
        found.sort(key=lambda each: -each.http["requestUri"].count("/"))
        self._known = [(each.http["method"], _pattern(each.http["requestUri"]), each) for each in found]
        self._validator = ParamValidator()

    def read(self, method: str, path: str, query: Mapping[str, list[str]], body: bytes) -> Operation:
        """The operation of a request.

        Args:
            path: as it was sent, still encoded.
            query: the values of each name.

        Raises:
            EksError: there is no such operation, or a parameter is missing or of the wrong type.
        """
        for known, pattern, model in self._known:
            match = pattern.fullmatch(path) if known == method else None
            if match is not None:
                labels = {name: unquote(value) for name, value in match.groupdict().items()}
                return Operation(str(model.name), self._parameters(model, labels, query, body))
        raise not_found(f"operation for {method} {unquote(path)}")

    def _parameters(
        self, model: OperationModel, labels: Mapping[str, str], query: Mapping[str, list[str]], body: bytes
    ) -> dict[str, Any]:
        try:
            document = json.loads(body) if body else {}
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise EksError("InvalidRequestException", "The body is not a JSON object.")
        shape: Any = model.input_shape
        parameters: dict[str, Any] = {}
        for name, member in shape.members.items():
            place = member.serialization.get("location")
            told = member.serialization.get("name", name)
            if place == "uri":
                parameters[name] = labels[told]
            elif place == "querystring" and told in query:
                values = query[told]
                parameters[name] = values if member.type_name == "list" else _typed(values[0], member.type_name)
            elif place is None and document.get(told) is not None:
                parameters[name] = document[told]
        report = self._validator.validate(parameters, shape)
        if report.has_errors():
            raise invalid(report.generate_report())
        return parameters


def _pattern(uri: str) -> re.Pattern[str]:
    def label(match: re.Match[str]) -> str:
        name = match[1]
        return f"(?P<{name}>{'.+?' if name in _WITH_SLASHES else '[^/]+'})"

    return re.compile(re.sub(r"{(\w+)}", label, uri))


def _typed(text: str, kind: str) -> Any:
    match kind:
        case "integer":
            return int(text) if text.isdecimal() else text
        case "boolean":
            return text == "true"
        case _:
            return text
