"""The base of every part of the environment document."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of the document: unknown keys are refused, and nothing changes after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
