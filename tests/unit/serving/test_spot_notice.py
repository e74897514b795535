"""A request, leaving the gateways, and the end of a server fit into the notice of a spot instance."""

from stanchion.serving.spot_notice import ENDS_WITHIN, LEAVES_WITHIN, LONGEST, NOTICED_WITHIN, SPOT_NOTICE
from stanchion.spec.endpoints import LONGEST_DEADLINE


def test_the_longest_deadline_is_what_the_notice_leaves():
    assert NOTICED_WITHIN + LEAVES_WITHIN + LONGEST + ENDS_WITHIN == SPOT_NOTICE == 120
    # Documents are written against this number.
    assert (str(LONGEST_DEADLINE), LONGEST_DEADLINE.seconds) == ("85s", LONGEST)
