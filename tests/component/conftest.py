"""The trap all component tests run in: the default region is another one than that of the providers given."""

from collections.abc import Iterator

import pulumi
import pytest


@pytest.fixture(autouse=True)
def default_region(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What forgets its provider, or reads the region from where it should not, ends up in us-east-1."""
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    pulumi.runtime.set_all_config({"aws:region": "us-east-1"})
    yield
    pulumi.runtime.set_all_config({})
