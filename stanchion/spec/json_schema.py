"""The document's JSON Schema, for editors: `python -m stanchion.spec.json_schema [--check]`."""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from stanchion.spec.environment import Environment
from stanchion.spec.units import Written

FILE = Path(__file__).resolve().parents[2] / "schemas" / "environment.json"


class _Written(GenerateJsonSchema):
    """Defaults as people write them: `30d`."""

    def encode_default(self, dft: Any) -> Any:
        """A default as JSON."""
        return str(dft) if isinstance(dft, Written) else super().encode_default(dft)


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the environment document; it knows forms and names, not the rules between keys."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Stanchion environment"}
    return {**Environment.model_json_schema(schema_generator=_Written), **head}


def text() -> str:
    """The schema as the committed file has it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str], file: Path = FILE) -> int:
    """Write the schema, or with --check say whether the committed one is stale."""
    if arguments not in ([], ["--check"]):
        print(f"error: '{' '.join(arguments)}' is not an argument; allowed: nothing, or --check.", file=sys.stderr)
        return 2
    if not arguments:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text(), encoding="utf-8")
    elif not file.exists() or file.read_text(encoding="utf-8") != text():
        place = "schemas/environment.json"
        print(
            f"error: {place} is stale; fix: run `python -m stanchion.spec.json_schema` and commit it.", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
