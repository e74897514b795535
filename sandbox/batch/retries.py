"""Whether an attempt that failed is followed by another one.

Batch user guide, automated job retries, and Batch API, EvaluateOnExit: rules are tried in their order, the first one
whose conditions are all met decides, and what no rule matches is retried. Case matters in patterns, and not in actions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_ATTEMPTS = 10


@dataclass(frozen=True)
class Failure:
    """How an attempt failed.

    Args:
        status_reason: of the attempt, such as `Host EC2 (instance i-0) terminated.`
        reason: of the container, such as `CannotPullContainerError: …`
        exit_code: of the container; none when the host went first.
    """

    status_reason: str = ""
    reason: str = ""
    exit_code: int | None = None


def is_retried(strategy: Mapping[str, Any], attempts: int, failure: Failure) -> bool:
    """Whether there is another attempt.

    Args:
        strategy: the job's `retryStrategy`; one attempt unless it says more.
        attempts: how many there were.
        failure: of the last one.
    """
    if attempts >= min(strategy.get("attempts", 1), MOST_ATTEMPTS):
        return False
    for rule in strategy.get("evaluateOnExit", []):
        if _meets(rule, failure):
            return rule["action"].upper() == "RETRY"
    return True


def _meets(rule: Mapping[str, Any], failure: Failure) -> bool:
    texts = {
        "onStatusReason": failure.status_reason,
        "onReason": failure.reason,
        "onExitCode": "" if failure.exit_code is None else str(failure.exit_code),
    }
    return all(matches(rule[name], text) for name, text in texts.items() if rule.get(name) is not None)


def matches(pattern: str, text: str) -> bool:
    """Whether a text is the pattern, or begins with it where it ends with `*`; no other character is special."""
    return text.startswith(pattern[:-1]) if pattern.endswith("*") else text == pattern
