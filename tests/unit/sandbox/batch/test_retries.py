"""Retry rules as Batch reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.batch.retries import Failure, is_retried, matches

HOST = Failure("Host EC2 (instance i-0abc) terminated.")
EXIT_1 = Failure("Essential container in task exited", exit_code=1)
NO_IMAGE = Failure("Task failed to start", "CannotPullContainerError: not found")
OURS = [
    {"action": "RETRY", "onStatusReason": "Host EC2*"},
    {"action": "RETRY", "onReason": "CannotPullContainerError*"},
    {"action": "EXIT", "onReason": "*"},
]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("*", "", True),
        ("*", "anything", True),
        ("Host EC2*", HOST.status_reason, True),
        ("Host EC2", HOST.status_reason, False),
        ("host ec2*", HOST.status_reason, False),
        ("*EC2*", HOST.status_reason, False),
        ("13*", "137", True),
        ("1?7", "137", False),
        ("", "", True),
    ],
)
def test_only_a_star_at_the_end_is_special(pattern: str, text: str, expected: bool) -> None:
    assert matches(pattern, text) is expected


@given(st.text(), st.text())
def test_a_prefix_with_a_star_matches_all_that_begins_with_it(start: str, rest: str) -> None:
    assert matches(start + "*", start + rest)


@pytest.mark.parametrize(("failure", "expected"), [(HOST, True), (NO_IMAGE, True), (EXIT_1, False)])
def test_the_platforms_rules_retry_what_the_job_can_do_nothing_about(failure: Failure, expected: bool) -> None:
    assert is_retried({"attempts": 3, "evaluateOnExit": OURS}, 1, failure) is expected


def test_the_first_rule_that_is_met_decides() -> None:
    stop_first = [{"action": "EXIT", "onExitCode": "1"}, {"action": "RETRY", "onReason": "*"}]
    assert not is_retried({"attempts": 3, "evaluateOnExit": stop_first}, 1, EXIT_1)
    assert is_retried({"attempts": 3, "evaluateOnExit": stop_first[::-1]}, 1, EXIT_1)


def test_all_conditions_of_a_rule_have_to_be_met() -> None:
    both = {"action": "exit", "onStatusReason": "Essential*", "onExitCode": "2*"}
    assert is_retried({"attempts": 3, "evaluateOnExit": [both]}, 1, EXIT_1), "no rule is met, so it is retried"
    assert not is_retried({"attempts": 3, "evaluateOnExit": [both]}, 1, Failure(EXIT_1.status_reason, exit_code=27))


def test_without_rules_everything_is_retried_until_the_attempts_are_used_up() -> None:
    assert [is_retried({"attempts": 3}, attempts, EXIT_1) for attempts in (1, 2, 3)] == [True, True, False]
    assert not is_retried({}, 1, HOST), "one attempt is the default"


@given(st.integers(1, 30), st.integers(1, 30))
def test_there_are_never_more_attempts_than_allowed(allowed: int, attempts: int) -> None:
    strategy = {"attempts": allowed, "evaluateOnExit": [{"action": "RETRY", "onReason": "*"}]}
    assert is_retried(strategy, attempts, HOST) is (attempts < min(allowed, 10))
