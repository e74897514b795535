from datetime import date

import pytest

from tests.unit.policies.programs import LOG, exemption

URN = f"urn:pulumi:test::program::{LOG}::archive"


@pytest.mark.parametrize("pattern", ["archive", "arch*", URN, "*::archive", "*"])
def test_a_pattern_meets_name_or_urn(pattern: str):
    assert exemption(pattern).covers("storage-short", URN)
    assert not exemption(pattern).covers("storage-other", URN)


def test_the_program_as_a_whole_is_met_by_everything_only():
    assert exemption("*").covers("storage-short", "")
    assert not exemption("archive").covers("storage-short", "")


def test_the_last_day_still_counts():
    one = exemption(expires="2026-11-23")
    assert not one.is_expired(date(2026, 11, 23))
    assert one.is_expired(date(2026, 11, 24))
