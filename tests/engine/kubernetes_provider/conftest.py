"""One control plane for the tests of the kubernetes provider, and a provider that was configured for it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.engine.kubernetes_client import configured
from tests.engine.kubernetes_plane import Plane, running_plane
from tests.engine.test_control_plane import until


@pytest.fixture(scope="package")
def plane() -> Iterator[Plane]:
    with running_plane() as made:
        yield made


@pytest.fixture(scope="package")
def stub(plane: Plane) -> Iterator[Any]:
    with configured({"kubeconfig": plane.kubeconfig}, plane.directory) as found:
        yield found


@pytest.fixture
def space(plane: Plane, request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace of its own for a test, named after it."""
    name = request.node.name.removeprefix("test_").split("[")[0].replace("_", "-")[:40].strip("-")
    document = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    plane.api.apply(document, "test")
    path = f"/api/v1/namespaces/{name}"
    account = f"{path}/serviceaccounts/default"
    until(lambda: plane.api.get(account), 30)
    yield name
    plane.api.delete(path)
