"""The committed shape of every contract, so that a change shows up in a review and needs a version.

`python -m stanchion.contracts.shape` writes `schemas/contracts/<layer>.json`; other teams can generate from them.
"""

import json
import sys
from pathlib import Path
from typing import Any

from stanchion.contracts import CONTRACTS, Contract

SHAPES = Path("schemas/contracts")


def shape_of(contract: type[Contract]) -> dict[str, Any]:
    """The JSON Schema of a contract's document, with the contract's name and version."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "x-layer": contract.layer,
        "x-version": contract.contract_version,
        **contract.model_json_schema(),
    }


def write(root: Path) -> list[Path]:
    """Write every contract's shape below root, and say which files these are."""
    folder = root / SHAPES
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for contract in CONTRACTS.values():
        file = folder / f"{contract.layer}.json"
        file.write_text(json.dumps(shape_of(contract), indent=2) + "\n", encoding="utf-8")
        written.append(file)
    return written


if __name__ == "__main__":
    for path in write(Path()):
        sys.stdout.write(f"{path}\n")
