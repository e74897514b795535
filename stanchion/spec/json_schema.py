"""The JSON Schema of the environment document, committed so that editors can check and explain keys.

`python -m stanchion.spec.json_schema` writes it; `--check` fails when the committed one is stale.
"""

import json
import sys
from pathlib import Path
from typing import Any

from stanchion.spec.environment import Environment

SCHEMA = Path("schemas/environment.json")


def schema() -> dict[str, Any]:
    """The schema, draft 2020-12; descriptions are the fields' own."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stanchion environment",
        **Environment.model_json_schema(),
    }


def main(arguments: list[str], root: Path) -> int:
    """Write the schema, or with `--check` say whether the committed one is stale (exit code 1)."""
    text = json.dumps(schema(), indent=2, default=str) + "\n"
    file = root / SCHEMA
    if "--check" not in arguments:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return 0
    if file.is_file() and file.read_text(encoding="utf-8") == text:
        sys.stdout.write(f"{SCHEMA} is up to date\n")
        return 0
    sys.stderr.write(f"error: {SCHEMA} is stale; run `make schemas` and commit it\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path()))
