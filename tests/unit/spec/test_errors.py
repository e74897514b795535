from stanchion.spec import Problem, SpecError


def test_a_problem_reads_as_place_key_and_sentence():
    assert str(Problem("a.yaml", 3, "network.nat", "it is wrong.")) == "a.yaml:3: network.nat: it is wrong."


def test_what_is_about_the_whole_file_has_neither_line_nor_key():
    assert str(Problem("a.yaml", None, "", "it is empty.")) == "a.yaml: it is empty."


def test_an_error_has_a_line_for_each_problem_from_top_to_bottom():
    error = SpecError([Problem("a", 9, "z", "late."), Problem("a", None, "", "whole."), Problem("a", 2, "b", "early.")])
    assert str(error).split("\n") == ["a: whole.", "a:2: b: early.", "a:9: z: late."]
    assert [problem.line for problem in error.problems] == [None, 2, 9]
    assert error.exit_code == 2
