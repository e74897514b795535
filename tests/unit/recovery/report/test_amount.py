import pytest

from stanchion.graph import Unsettled
from stanchion.recovery.report.amount import shown
from stanchion.recovery.term import UNBOUNDED


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0.0, "0 s"),
        (90.0, "90 s"),
        (350.0, "350 s"),
        (900.0, "15 min"),
        (1000.0, "16.7 min"),
        (5 * 3600.0, "5 h"),
        (177 * 3600.0, "177 h"),
        (30 * 86400.0, "30 d"),
        (UNBOUNDED, "unbounded"),
        (Unsettled("", "", "why"), "unknown"),
        (None, "not assessed"),
    ],
)
def test_a_time_reads_as_people_say_it(amount, text):
    assert shown(amount) == text
