"""Backups: safe by default, and locks that can't be lifted only where somebody says so twice."""

import pytest

from stanchion.spec import BackedUp, VaultLock, load_text
from tests.unit.spec.documents import FILE, GOOD, only_problem, problems, says


def continuity(text: str) -> str:
    return f"{GOOD}continuity: {{{text}}}\n"


def test_defaults_are_safe() -> None:
    found = load_text(GOOD).continuity
    assert found.lock is VaultLock.GOVERNANCE
    assert found.cooling_off is None
    assert set(found.backed_up) == set(BackedUp)
    assert found.minimum_retention <= found.retention
    assert found.restore_tests
    assert not found.audit


def test_compliance_is_taken_with_its_cooling_off_time() -> None:
    found = load_text(continuity("lock: compliance, cooling_off: 14d"), FILE).continuity
    assert (found.lock, found.cooling_off and found.cooling_off.days) == (VaultLock.COMPLIANCE, 14)


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("lock: compliance", "continuity.cooling_off", ("it is not said", "nobody can lift", "3d to 36500d")),
        ("lock: compliance, cooling_off: 2d", "continuity.cooling_off", ("'2d' is outside",)),
        ("cooling_off: 14d", "continuity.cooling_off", ("does nothing with lock: governance",)),
        ("minimum_retention: 36d, retention: 90d", "continuity.minimum_retention", ("every continuous backup",)),
        ("minimum_retention: 14d, retention: 7d", "continuity.retention", ("shorter than minimum_retention: 14d",)),
        ("retention: 36501d", "continuity.retention", ("longer than AWS Backup keeps",)),
        ("retention: 36h", "continuity.retention", ("not in whole days",)),
        ("restore: 0s", "continuity.restore", ("in no time",)),
        ("backed_up: [raw, raw]", "continuity.backed_up", ("'raw' is listed twice",)),
        ('account_vault: "arn:aws:backup"', "continuity.account_vault", ("not of the form",)),
    ],
)
def test_what_is_refused(text: str, key: str, words: tuple[str, ...]) -> None:
    found = only_problem(continuity(text))
    # What is not written stands where its mapping does; the document has it all on its last line.
    says(found, line=GOOD.count("\n") + 1, key=key, words=words)


def test_access_logs_and_the_archive_are_not_backed_up() -> None:
    assert problems(continuity("backed_up: [archive]"))
    assert problems(continuity("backed_up: [access_logs]"))


def test_a_lock_for_ever_and_data_that_may_go_exclude_each_other() -> None:
    text = continuity("lock: compliance, cooling_off: 14d").replace("retention: keep", "retention: disposable")
    assert "can never be lifted" in only_problem(text).message
