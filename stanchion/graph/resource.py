"""One resource of a program, in one shape whatever the source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stanchion.graph.setting import Setting
from stanchion.graph.values import SECRET, UNKNOWN


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One resource.

    `inputs` and `outputs` are in the provider's names (camelCase); a source that has only one set of properties (the
    engine's analyzers) gives them as inputs. `provider` is the provider's URN, empty when the source does not say.
    `dependencies` are URNs, `property_dependencies` the same by input. `created` is when a state says it was made; None
    for what is not deployed yet, or not told.
    """

    urn: str
    type: str
    name: str
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    parent: str = ""
    provider: str = ""
    custom: bool = True
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    protect: bool = False
    retain_on_delete: bool = False
    created: datetime | None = None

    @property
    def kind(self) -> str:
        """The last part of the type token, such as `Bucket`."""
        return self.type.rsplit(":", 1)[-1]

    @property
    def label(self) -> str:
        """How a sentence names it: `aws:s3/bucket:Bucket 'lake'`."""
        return f"{self.type} '{self.name}'"

    @property
    def project_and_stack(self) -> tuple[str, str]:
        """Project and stack, from the URN."""
        parts = self.urn.split("::")
        return (parts[1], parts[0].rsplit(":", 1)[-1]) if len(parts) > 2 else ("", "")

    def at(self, key: str) -> Setting:
        """A top-level property: the input; the output where the input is not set or not known yet."""
        value = self.inputs.get(key)
        if value is None or value is UNKNOWN or value is SECRET:
            other = self.outputs.get(key)
            if other is not None and value is not SECRET:
                value = other
        return Setting(self, key, value)
