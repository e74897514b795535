import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.tracing.configured import tracing
from stanchion.errors import StanchionError
from tests.unit.gateway.running import configuration

ENDPOINT = "http://127.0.0.1:4318"
TOLD = configuration({})


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": ENDPOINT},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ENDPOINT, "OTEL_SDK_DISABLED": "true"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ENDPOINT, "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_nobody_who_collects_is_nobody_who_traces(variables: dict[str, str]) -> None:
    assert tracing(TOLD, "gateway-1", variables) is None


def test_a_protocol_that_is_not_spoken_is_said() -> None:
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": ENDPOINT, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    with pytest.raises(StanchionError, match="OTEL_EXPORTER_OTLP_PROTOCOL is 'grpc'; allowed: http/protobuf"):
        tracing(TOLD, "gateway-1", variables)
    # What is said of traces goes before what is said of all.
    with pytest.raises(StanchionError, match="OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is 'http/json'"):
        tracing(TOLD, "gateway-1", {**variables, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json"})


def test_a_gateway_that_is_not_traced_does_not_import_it() -> None:
    """As a process of its own: in this one, other tests have."""
    program = (
        "import sys; import gateway.__main__; from gateway.tracing.configured import tracing; "
        "from tests.unit.gateway.running import configuration; assert tracing(configuration({}), 'g') is None; "
        "print([name for name in sys.modules if name.split('.')[0] == 'opentelemetry'])"
    )
    variables = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[4], env=variables, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")
