import ministack.app
import moto.backend_index
import pytest
from ministack.core.router import detect_service
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from sandbox.front_door.routes import ROUTES, Backend, backend_of
from sandbox.front_door.scope import Scope

OURS = sorted(name for name, backend in ROUTES.items() if backend is Backend.MINISTACK)
MOTOS = sorted(name for name, backend in ROUTES.items() if backend is Backend.MOTO)


def authorization(service: str) -> str:
    scope = f"Credential=test/20260101/us-east-1/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"


def ministack_has(service: str) -> bool:
    headers = {"host": "127.0.0.1:4566", "authorization": authorization(service)}
    found = detect_service("POST", "/somewhere/else", headers, {})
    known = set(ministack.app.SERVICE_HANDLERS) | set(ministack.app.SERVICE_NAME_ALIASES)
    return found in known and (found != "s3" or service == "s3")


@pytest.mark.parametrize("service", OURS)
def test_ministack_has_what_is_sent_to_it(service: str):
    assert ministack_has(service)


@pytest.mark.parametrize("service", MOTOS)
def test_moto_has_what_is_sent_to_it_and_ministack_lacks_it(service: str):
    dispatcher = DomainDispatcherApplication(lambda _: None)  # type: ignore[arg-type, return-value]
    environ = {"HTTP_HOST": "127.0.0.1:1", "HTTP_AUTHORIZATION": authorization(service), "PATH_INFO": "/"}
    backend = dispatcher.get_backend_for_host(dispatcher.infer_service_region_host(environ, "/"))
    assert backend in {name for name, _ in moto.backend_index.backend_url_patterns}
    assert not ministack_has(service)


def test_unsigned_requests_go_to_ministack():
    assert backend_of(Scope()) is Backend.MINISTACK


@pytest.mark.parametrize(
    ("service", "backend"), [("eks", Backend.EKS), ("batch", Backend.BATCH), ("scheduler", Backend.CLOCK)]
)
def test_services_of_our_own_take_the_place_of_the_emulators(service: str, backend: Backend):
    assert backend_of(Scope(service, "us-east-1")) is backend


def test_a_service_that_neither_has_goes_nowhere():
    assert backend_of(Scope("grafana", "us-east-1")) is None
