"""Stacks are found, refused with a sentence, and ordered producers before consumers."""

from pathlib import Path

import pytest

from stanchion.layers import (
    LayerError,
    Place,
    Stack,
    dependency_order,
    make_stack,
    producer_of,
    requirements,
    stacks_of,
)
from stanchion.spec import Environment, load_environment

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def spec() -> Environment:
    return load_environment("local", CHECKOUT)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "environments").mkdir()
    document = (CHECKOUT / "environments/local.yaml").read_text(encoding="utf-8")
    (tmp_path / "environments/local.yaml").write_text(document, encoding="utf-8")
    (tmp_path / "stacks/config").mkdir(parents=True)
    return tmp_path


def configure(root: Path, stack: str, text: str) -> None:
    (root / f"stacks/config/Pulumi.{stack}.yaml").write_text(text, encoding="utf-8")


def lines(layers: str, region: str | None = None, environment: str = "local") -> str:
    text = f"config:\n  stanchion:environment: {environment}\n  stanchion:layers: {layers}\n"
    return text + (f"  stanchion:region: {region}\n" if region else "")


def complete(root: Path) -> None:
    configure(root, "local-links", lines("[links]"))
    configure(root, "local-b", lines("[foundation]", "us-east-1"))
    configure(root, "local-a", lines("[foundation]", "us-west-2"))


def test_the_committed_stacks_of_both_environments_are_in_dependency_order():
    for name in ("local", "example"):
        spec = load_environment(name, CHECKOUT)
        names = [stack.name for stack in stacks_of(spec, CHECKOUT)]
        primary, standby = (f"{name}-foundation-{region}" for region in spec.regions.both)
        assert names.index(primary) < names.index(standby) < names.index(f"{name}-links")


def test_producers_come_first_whatever_the_names_are(root: Path, spec: Environment):
    complete(root)
    assert [stack.name for stack in stacks_of(spec, root)] == ["local-b", "local-a", "local-links"]


def test_files_of_other_environments_and_programs_are_left_alone(root: Path, spec: Environment):
    complete(root)
    (root / "environments/other.yaml").write_text("name: other\n", encoding="utf-8")
    configure(root, "other-links", lines("[links]", environment="other"))
    configure(root, "foreign", "config:\n  aws:region: us-east-1\n")
    assert len(stacks_of(spec, root)) == 3


def test_the_standby_foundation_needs_the_primary_and_not_the_other_way_round(spec: Environment):
    primary, standby = (Place("local", "foundation", region) for region in spec.regions.both)
    assert requirements(standby, spec) == (primary,)
    assert requirements(primary, spec) == ()


def test_a_stack_with_two_layers_of_which_one_needs_the_other_has_no_need_of_itself(spec: Environment):
    both = make_stack("s", "local", ["state", "links"], None, spec)
    foundations = [make_stack(r, "local", ["foundation"], r, spec) for r in spec.regions.both]
    assert [s.name for s in dependency_order([both, *foundations], spec)][-1] == "s"
    assert producer_of(Place("local", "links", None), [both]) == both


@pytest.mark.parametrize(
    ("layers", "region", "said"),
    [
        ([], None, "stanchion:layers is empty"),
        (["fundation"], "us-east-1", "names 'fundation', which is no layer; allowed: state, foundation, links"),
        (["foundation", "foundation"], "us-east-1", "names a layer twice"),
        (["foundation", "links"], "us-east-1", "mixes foundation"),
        (["foundation"], "eu-west-1", "has the regions us-east-1 and us-west-2"),
        (["foundation"], None, "stanchion:region is 'None'"),
        (["links"], "us-east-1", "remove the line"),
    ],
)
def test_a_stack_that_can_not_be_built_is_refused(layers: list[str], region: str | None, said: str, spec: Environment):
    with pytest.raises(LayerError) as error:
        make_stack("local-x", "local", layers, region, spec)
    assert said in str(error.value)
    assert "stacks/config/Pulumi.local-x.yaml" in str(error.value)


def test_an_environment_without_stacks_says_which_line_is_looked_for(root: Path, spec: Environment):
    with pytest.raises(LayerError, match="`stanchion:environment: local`"):
        stacks_of(spec, root)


def test_two_stacks_that_build_the_same_place_are_named(root: Path, spec: Environment):
    complete(root)
    configure(root, "local-again", lines("[foundation]", "us-east-1"))
    with pytest.raises(LayerError, match="'local-again' and 'local-b' both build foundation in us-east-1"):
        stacks_of(spec, root)


def test_a_required_layer_that_no_stack_builds_is_named(root: Path, spec: Environment):
    complete(root)
    (root / "stacks/config/Pulumi.local-a.yaml").unlink()
    with pytest.raises(LayerError, match="requires foundation in us-west-2, which no stack"):
        stacks_of(spec, root)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("config: [", "no YAML that can be read"),
        (lines("foundation", "us-east-1"), "has to be a list such as"),
        (lines("[links]", environment="lokal"), "'lokal', which does not exist"),
    ],
)
def test_a_configuration_file_that_says_nonsense_is_named(root: Path, spec: Environment, text: str, said: str):
    complete(root)
    configure(root, "local-c", text)
    with pytest.raises(LayerError) as error:
        stacks_of(spec, root)
    assert said in str(error.value)
    assert "Pulumi.local-c.yaml" in str(error.value)


def test_places_read_as_a_person_says_them():
    assert str(Place("e", "links", None)) == "links"
    assert str(Place("e", "foundation", "us-east-1")) == "foundation in us-east-1"
    assert Stack("s", "e", ("a", "b"), None).places == (Place("e", "a", None), Place("e", "b", None))


def test_only_what_others_write_to_is_refreshed_by_every_update(spec: Environment):
    serving = make_stack("s", "local", ["serving"], "us-east-1", spec)
    cluster = make_stack("c", "local", ["cluster"], "us-east-1", spec)
    both = make_stack("b", "local", ["cluster", "serving"], "us-east-1", spec)
    assert [stack.others_write for stack in (serving, cluster, both)] == [True, False, True]


def test_what_serves_needs_what_its_own_region_has_and_of_the_other_one_nothing(spec: Environment):
    place = Place("local", "serving", "us-west-2")
    assert set(requirements(place, spec)) == {
        Place("local", "foundation", "us-west-2"),
        Place("local", "cluster", "us-west-2"),
        Place("local", "control", "us-west-2"),
    }
    assert set(requirements(Place("local", "control", "us-west-2"), spec)) == {
        Place("local", "foundation", "us-west-2"),
        Place("local", "cluster", "us-west-2"),
        # Global tables, which are there for both.
        Place("local", "links", None),
    }
