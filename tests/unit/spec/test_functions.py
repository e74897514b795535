"""Functions: on which processors they run, and how long their logs are kept."""

from typing import get_args

import pytest

from stanchion.packaging.layer import Architecture
from stanchion.spec import Functions, load_text
from tests.unit.spec.documents import GOOD
from tests.unit.spec.serving_document import changed, refused

ENTRY = "entry:\n"


def test_they_are_said_nowhere_and_there():
    assert load_text(GOOD).functions == Functions()
    assert (Functions().architecture, Functions().log_retention.days) == ("arm64", 30)
    text = changed((ENTRY, f"functions: {{architecture: x86_64, log_retention: 365d}}\n{ENTRY}"))
    assert (load_text(text).functions.architecture, load_text(text).functions.log_retention.days) == ("x86_64", 365)


@pytest.mark.parametrize(
    ("said", "key", "words"),
    [
        ("architecture: amd64", "architecture", ("'amd64' is not one of its values", "arm64, x86_64")),
        ("log_retention: 12h", "log_retention", ("not a retention that CloudWatch Logs has", "write 1d")),
        ("log_retention: 100d", "log_retention", ("not a retention that CloudWatch Logs has", "write 120d")),
        ("memory: 1GiB", "memory", ("'memory' is not a key here",)),
    ],
)
def test_what_lambda_does_not_have_is_refused(said: str, key: str, words: tuple[str, ...]):
    refused(changed((ENTRY, f"functions: {{{said}}}\n{ENTRY}")), f"functions.{key}", *words)


def test_layers_are_made_for_the_same_processors():
    assert get_args(Functions.model_fields["architecture"].annotation) == get_args(Architecture)
