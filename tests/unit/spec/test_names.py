"""What the package of the document offers, and that who asks for one part does not wait for all."""

import subprocess
import sys

import pytest

import stanchion.spec as package


def test_every_name_is_found_where_it_is_said_to_be():
    for name in package.__all__:
        assert getattr(package, name) is not None
    with pytest.raises(AttributeError, match=r"module 'stanchion\.spec' has no attribute 'Nothing'"):
        _ = package.Nothing  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def test_a_duration_is_had_without_the_document():
    program = (
        "import sys; from stanchion.spec import Duration; "
        "sys.exit('stanchion.spec.environment' in sys.modules or 'stanchion.spec.units' not in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_rules_are_checked_without_the_document_where_none_is_named():
    program = (
        "import sys; import policies.configuration; import stanchion.cli.recovery; "
        "sys.exit('stanchion.spec.environment' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
