from stanchion.errors import StanchionError
from stanchion.spec.refusal import Refusal, unknown


def test_a_refusal_is_one_sentence_in_three_parts():
    refusal = Refusal("'x' is wrong", allowed="y", fix="write y")
    assert str(refusal) == "'x' is wrong; allowed: y; fix: write y."


def test_a_question_ends_with_its_own_mark():
    assert str(Refusal("a", allowed="b", fix="did you mean b?")).endswith("did you mean b?")


def test_pydantic_collects_it_and_the_command_line_prints_it():
    refusal = Refusal("a", allowed="b", fix="c")
    assert isinstance(refusal, ValueError)
    assert isinstance(refusal, StanchionError)
    assert refusal.exit_code == 2


def test_a_name_that_nothing_has_is_told_with_those_there_are():
    assert str(unknown("fuul", "a variant", ["full", "quantized"], where="variants")) == (
        "'fuul' is not a variant; allowed: full, quantized; fix: did you mean full?"
    )
    assert str(unknown("other", "a pool", {"gpu": 1}, where="capacity.pools")) == (
        "'other' is not a pool; allowed: gpu; fix: take one of these, or add it under capacity.pools."
    )
    assert "allowed: none yet under models" in str(unknown("one", "a model", [], where="models"))
