import pytest
from botocore.exceptions import EndpointConnectionError, ParamValidationError

from sandbox.delivery.errors import not_delivered
from tests.unit.sandbox.delivery.fake_clients import refusal


@pytest.mark.parametrize(
    ("code", "status", "lasting"),
    [
        ("ResourceNotFoundException", 404, True),
        ("ValidationException", 400, True),
        ("NotImplemented", 501, True),
        ("ServiceUnavailable", 503, False),
        ("ThrottlingException", 400, False),
        ("TooManyRequestsException", 429, False),
        ("RequestTimeout", 408, False),
    ],
)
def test_what_a_service_refuses_lasts_and_what_it_can_not_do_now_passes(code: str, status: int, lasting: bool):
    found = not_delivered(refusal(code, status))
    assert (found.code, found.lasting) == (code, lasting)


def test_a_service_that_can_not_be_reached_may_be_there_later():
    assert not not_delivered(EndpointConnectionError(endpoint_url="http://127.0.0.1:1")).lasting
    assert not_delivered(ParamValidationError(report="no such parameter")).lasting
