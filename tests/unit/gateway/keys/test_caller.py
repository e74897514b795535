import pytest

from gateway.keys.caller import Caller, authorise
from gateway.keys.refused import ForbiddenError
from tests.unit.gateway.running import place

DIGITS = place(("full",), {"full": {"blue": "127.0.0.1:9"}}, use_case="reading")


def test_a_key_opens_its_use_case() -> None:
    authorise(Caller("k1", "forms", "reading"), "digits", DIGITS)
    with pytest.raises(ForbiddenError, match="is for use case 'reading', and this key is for 'writing'") as error:
        authorise(Caller("k1", "forms", "writing"), "digits", DIGITS)
    assert error.value.status == 403


def test_a_key_for_some_endpoints_opens_those() -> None:
    authorise(Caller("k1", "forms", "reading", endpoints=("digits",)), "digits", DIGITS)
    with pytest.raises(ForbiddenError, match="this key is for letters, and not for endpoint 'digits'"):
        authorise(Caller("k1", "forms", "reading", endpoints=("letters",)), "digits", DIGITS)


def test_a_proven_user_can_not_be_another_one() -> None:
    assert Caller("k1", "t", "u", "app").acting_for("ann").user == "ann"
    assert Caller("k1", "t", "u", "app").acting_for("").user == "app"
    assert Caller("oidc-t", "t", "u", "ann", user_proven=True).acting_for("bob").user == "ann"
