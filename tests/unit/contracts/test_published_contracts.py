"""The published contracts can't change silently: their shape is committed, and a change needs a version."""

import json
from pathlib import Path

import pytest

from stanchion.contracts import CONTRACTS
from stanchion.contracts.shape import shape_of

SHAPES = Path(__file__).resolve().parents[3] / "schemas" / "contracts"


@pytest.mark.parametrize("layer", sorted(CONTRACTS))
def test_the_committed_shape_is_the_contracts(layer: str):
    contract = CONTRACTS[layer]
    committed = json.loads((SHAPES / f"{layer}.json").read_text(encoding="utf-8"))
    assert committed == shape_of(contract), (
        f"the contract '{layer}' changed: raise its version (major for a removed or retyped field, minor for a new "
        "optional one), then run `python -m stanchion.contracts.shape`"
    )


@pytest.mark.parametrize("layer", sorted(CONTRACTS))
def test_a_version_is_semantic(layer: str):
    parts = CONTRACTS[layer].contract_version.split(".")
    assert len(parts) == 3
    assert all(part.isdigit() for part in parts)


def test_no_contract_publishes_anything_that_sounds_like_a_secret():
    for contract in CONTRACTS.values():
        text = json.dumps(shape_of(contract)).lower()
        assert not [word for word in ("password", "secret_key", "token", "private_key") if word in text]
