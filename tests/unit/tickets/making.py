"""A ticket for tests."""

from typing import Any

from stanchion.tickets.ticket import Ticket

OPENED = 1_780_000_000


def ticket(**more: Any) -> Ticket:
    said = {
        "id": "0" * 32, "endpoint": "digits", "use_case": "reading", "team": "forms", "key_id": "k1",
        "request_id": "r1", "region": "us-east-1", "asked": '{"inputs": []}', "opened_at": OPENED,
        "answer_by": OPENED + 600, "expires_at": OPENED + 86400,
    }  # fmt: skip
    return Ticket(**{**said, **more})
