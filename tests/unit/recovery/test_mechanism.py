import pytest

from stanchion.graph import GraphBuilder
from stanchion.recovery import mechanism as module
from stanchion.recovery.findings import Findings, Note
from stanchion.recovery.mechanism import Mechanism, MechanismError, all_mechanisms, find_all


def test_each_has_a_name_of_its_own_and_says_what_it_looks_at():
    found = all_mechanisms()
    assert len({each.name for each in found}) == len(found)
    assert all(each.stores or each.reads for each in found)
    assert [each.name for each in found] == sorted(each.name for each in found)


def test_an_empty_program_has_no_findings():
    assert find_all(GraphBuilder().graph()) == Findings()


def test_one_that_fails_is_named_and_leaves_no_estimate_that_looks_better(monkeypatch: pytest.MonkeyPatch):
    def fine(_: object):
        yield Note("", "a note")

    def broken(_: object):
        yield Note("", "another note")
        raise KeyError("rules")

    mechanisms = (Mechanism("fine", fine), Mechanism("odd", broken))
    monkeypatch.setattr(module, "all_mechanisms", lambda: mechanisms)
    with pytest.raises(
        MechanismError, match=r"the mechanism 'odd' failed on this program \(KeyError: 'rules'\)"
    ) as told:
        find_all(GraphBuilder().graph())
    assert told.value.exit_code == 1
