import pytest

from stanchion.spec import load_text
from tests.unit.spec.documents import GOOD, changed, only_problem, says


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("111122223333", ("without quotes is a number", "double quotes")),
        ("012345678901", ("without quotes is a number", "leading zeros", "double quotes")),
        ("012345670123", ("without quotes is a number",)),
        ("1.5", ("without quotes is a number",)),
        ('"1111-2222-3333"', ("'1111-2222-3333'", "12 digits", "without blanks or dashes")),
        ('"11112222333"', ("'11112222333'", "12 digits")),
        ('"1111222233334"', ("'1111222233334'", "12 digits")),
        ("null", ("no value",)),
        ("[1]", ("'a list' is not text",)),
    ],
)
def test_an_account_id_is_12_digits_in_quotes(given: str, words: tuple[str, ...]):
    says(only_problem(changed('"111122223333"', given)), line=5, key="accounts.workload", words=words)


def test_leading_zeros_are_kept():
    spec = load_text(changed('"111122223333"', '"012345678901"'))
    assert spec.accounts.workload == "012345678901"


def test_without_a_backup_account_there_is_none():
    assert load_text(changed(', backup: "444455556666"', "")).accounts.backup is None
    assert load_text(GOOD).accounts.backup == "444455556666"
