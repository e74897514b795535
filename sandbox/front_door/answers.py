"""The front door's own answers, in the form the asking service's clients read."""

import json
from dataclasses import dataclass
from xml.sax.saxutils import escape

from sandbox.front_door.scope import Scope


@dataclass(frozen=True)
class Answer:
    """Status, content type and body of an answer."""

    status: int
    content_type: str
    body: str
    headers: dict[str, str]


def unavailable(scope: Scope, content_type: str) -> Answer:
    """503 for a service that is under a fault."""
    where = f" in {scope.region}" if scope.region else ""
    message = f"the local cloud has a fault for {scope.service or 'this request'}{where}; `stanchion sandbox status`"
    return _error(503, "ServiceUnavailable", message, scope, content_type)


def no_such_service(scope: Scope, content_type: str) -> Answer:
    """501 for a service neither emulator has."""
    return _error(501, "NotImplemented", f"the local cloud has no service '{scope.service}'", scope, content_type)


def unreachable(scope: Scope, content_type: str, backend: str) -> Answer:
    """502 when the emulator does not answer; botocore tries such a request again."""
    message = f"the local cloud's {backend} does not answer; see `stanchion sandbox logs {backend}`"
    return _error(502, "BadGateway", message, scope, content_type)


def _error(status: int, code: str, message: str, scope: Scope, content_type: str) -> Answer:
    """An error as botocore's parsers want it: JSON protocols by header and body, query and S3 as XML."""
    headers = {"x-amzn-errortype": code, "x-stanchion-front-door": code}
    if scope.service == "s3":
        body = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        return Answer(status, "application/xml", body, headers)
    if "x-www-form-urlencoded" in content_type:
        inner = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
        if scope.service == "ec2":
            body = f"<Response><Errors><Error>{inner}</Error></Errors></Response>"
        else:
            body = f"<ErrorResponse><Error>{inner}</Error></ErrorResponse>"
        return Answer(status, "text/xml", body, headers)
    return Answer(status, "application/json", json.dumps({"__type": code, "message": message}), headers)
