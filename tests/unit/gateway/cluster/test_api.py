from pathlib import Path

from gateway.cluster.api import ACCOUNT, Access


def test_outside_of_a_cluster_there_is_nobody_to_ask(tmp_path: Path) -> None:
    of_cluster = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    mounted = {ACCOUNT: str(tmp_path)}
    assert Access.of_pod({}) is None
    assert Access.of_pod(of_cluster | mounted) is None
    (tmp_path / "token").write_text("t")
    assert Access.of_pod(mounted) is None
    found = Access.of_pod(of_cluster | mounted)
    assert found is not None
    assert (found.url, found.authority) == ("https://10.0.0.1:443", tmp_path / "ca.crt")
