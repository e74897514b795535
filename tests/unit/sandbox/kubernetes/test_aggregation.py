from typing import Any

from sandbox.kubernetes.aggregation import documents, register, served


class Applied:
    def __init__(self, status: dict[str, Any] | None = None) -> None:
        self.documents: list[dict[str, Any]] = []
        self.status = status

    def apply(self, document: dict[str, Any], _: str) -> None:
        self.documents.append(document)

    def get(self, path: str) -> dict[str, Any] | None:
        assert path.endswith("/v1beta1.metrics.k8s.io")
        return None if self.status is None else {"status": self.status}


def test_a_group_is_led_to_a_port_of_this_machine():
    api = Applied()
    register(api, "metrics.k8s.io", "v1beta1", "kube-system", 1234)  # type: ignore[arg-type]
    assert api.documents == documents("metrics.k8s.io", "v1beta1", "kube-system", 1234)
    namespace, service, registration = api.documents
    # What is named has to be there first.
    assert namespace["metadata"]["name"] == service["metadata"]["namespace"] == "kube-system"
    assert (service["spec"]["externalName"], service["spec"]["ports"][0]["port"]) == ("localhost", 1234)
    assert registration["metadata"]["name"] == "v1beta1.metrics.k8s.io"
    assert registration["spec"]["service"] == {
        "name": service["metadata"]["name"],
        "namespace": "kube-system",
        "port": 1234,
    }


def test_whether_a_group_is_served():
    group = ("metrics.k8s.io", "v1beta1")
    assert not served(Applied(), *group)  # type: ignore[arg-type]
    for status in ("True", "False"):
        conditions = [{"type": "Available", "status": status}]
        assert served(Applied({"conditions": conditions}), *group) is (status == "True")  # type: ignore[arg-type]
