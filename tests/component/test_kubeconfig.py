"""The kubeconfig of a program: it leads to one cluster, asks for a token when it is used, and holds no secret."""

import base64
import json

from components.serving.kubeconfig import document

AUTHORITY = base64.b64encode(b"certificate").decode()


def test_it_leads_to_the_cluster_and_trusts_its_authority() -> None:
    said = json.loads(document("prod", "https://prod.example.com", AUTHORITY, region="us-west-2"))
    cluster = said["clusters"][0]
    assert cluster["cluster"] == {"server": "https://prod.example.com", "certificate-authority-data": AUTHORITY}
    context = next(each for each in said["contexts"] if each["name"] == said["current-context"])["context"]
    assert context["cluster"] == cluster["name"]
    assert context["user"] == said["users"][0]["name"]


def test_a_token_is_asked_of_the_clusters_region_and_nothing_secret_is_kept() -> None:
    user = json.loads(document("prod", "https://prod.example.com", AUTHORITY, region="us-west-2"))["users"][0]["user"]
    assert set(user) == {"exec"}
    asked = user["exec"]["args"]
    assert asked[asked.index("--region") + 1] == "us-west-2"
    assert asked[asked.index("--cluster-name") + 1] == "prod"
