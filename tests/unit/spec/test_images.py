"""What runs from an image says which repository of ours it is of, and which bytes."""

import pytest

from stanchion.spec import FromImage
from stanchion.spec.images import repository_rule

DIGEST = "sha256:" + "e" * 64


@pytest.mark.parametrize(
    ("name", "repository"),
    [
        ("models", "models"),
        ("team/models", "team/models"),
        ("registry.example.com/models", None),
        ("localhost:5000/models", None),
    ],
)
def test_a_name_with_a_registry_is_taken_as_it_is(name: str, repository: str | None):
    made = FromImage(image=f"{name}@{DIGEST}")
    assert (made.repository, made.digest) == (repository, DIGEST)
    broken = [(key, refusal.what) for key, refusal in repository_rule("gateway", made, ["gateway"])]
    assert broken == ([] if repository is None else [("gateway.image", f"'{name}' is not a repository")])
    assert list(repository_rule("gateway", made, ["models", "team/models"])) == []
