"""Whether requests are traced, by the variables that every OpenTelemetry SDK is told by."""

import os
from collections.abc import Mapping

from gateway.tracing.spans import Tracing
from stanchion.errors import StanchionError
from stanchion.serving.gateway_configuration import GatewayConfiguration

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_SPOKEN = "http/protobuf"


def tracing(
    configuration: GatewayConfiguration, gateway: str, variables: Mapping[str, str] = os.environ
) -> Tracing | None:
    """What traces requests; None when nobody collects spans. Only then OpenTelemetry is not even imported.

    Args:
        configuration: of the gateway.
        gateway: which one it is.
        variables: of its environment.

    Raises:
        StanchionError: a protocol that the gateway does not speak.
    """
    off = variables.get("OTEL_SDK_DISABLED", "").lower() == "true" or variables.get("OTEL_TRACES_EXPORTER") == "none"
    if off or not any(variables.get(each) for each in _ENDPOINTS):
        return None
    for variable in _PROTOCOLS:
        if said := variables.get(variable):
            if said != _SPOKEN:
                raise StanchionError(
                    f"{variable} is '{said}'; allowed: {_SPOKEN}, which collectors take on port 4318. "
                    "Fix: set it to that, or unset it."
                )
            break
    # Not at the top: most gateways do without, and it takes half a second and 20 MB.
    from gateway.tracing.open_telemetry import OpenTelemetry

    return OpenTelemetry(configuration, gateway)
