import pytest

from stanchion.spec import Cloud, Environment, Retention, load_environment, load_text
from tests.unit.spec import serving_document
from tests.unit.spec.documents import GOOD, changed, only_problem, problems, says


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "words"),
    [
        ("cloud: aws", "clod: aws\ncloud: aws", 4, "clod", ("'clod' is not a key", "cloud", "did you mean cloud?")),
        ("cloud: aws", "datasets: {}\ncloud: aws", 4, "datasets", ("'datasets' is not a key", "name, owner")),
        ("cloud: aws", "cloud: azure", 4, "cloud", ("'azure'", "aws, local")),
        ("cloud: aws", "cloud:", 4, "cloud", ("'' is not one of its values", "aws, local")),
        ("cloud: aws\n", "", 1, "cloud", ("missing", "`cloud: local`")),
        ("retention: keep", "retention: kept", 10, "retention", ("'kept'", "keep, disposable", "did you mean keep?")),
        ("name: prod", "name: Prod", 1, "name", ("'Prod'", "2 to 15 small letters")),
        ("name: prod", "name: p", 1, "name", ("'p'", "2 to 15 small letters")),
        ("name: prod", "name: production-europe", 1, "name", ("'production-europe'", "2 to 15 small letters")),
        ('"4711"', "4711", 3, "cost_centre", ("4711 without quotes is a number", 'write "4711"')),
        ("owner: ml-platform", "owner: <me>", 2, "owner", ("'<me>'", "1 to 128 letters")),
        ("owner: ml-platform", "owner: ''", 2, "owner", ("''", "1 to 128 letters")),
        ("owner: ml-platform", "owner: [me, you]", 2, "owner", ("'a list' is not text", "text")),
        ("owner: ml-platform", "owner:", 2, "owner", ("no value", "give it a value")),
    ],
)
def test_bad_environments(old: str, new: str, line: int, key: str, words: tuple[str, ...]):
    says(only_problem(changed(old, new)), line=line, key=key, words=words)


def test_everything_that_is_wrong_is_said_at_once_from_top_to_bottom():
    text = (
        GOOD.replace("cloud: aws", "cloud: azure")
        .replace('"111122223333"', "111122223333")
        .replace("us-west-2", "us-east-1")
        .replace("zone: 2m", "zone: 2")
        .replace("10.21.0.0/16", "10.20.0.0/20")
        .replace("nat:", "nats:")
        .replace("expire: 730d", "expire: 130d")
    )
    assert [(problem.line, problem.key) for problem in problems(text)] == [
        (4, "cloud"),
        (5, "accounts.workload"),
        (8, "regions.standby"),
        (13, "tiers.critical.rto.zone"),
        (19, "network.cidr.standby"),
        (20, "network.nats"),
        (22, "storage.raw.expire"),
    ]


def test_what_is_not_said_is_safe():
    spec = load_text(changed("retention: keep\n", ""))
    assert spec.retention is Retention.KEEP
    assert spec.keep
    assert not load_text(changed("retention: keep", "retention: disposable")).keep


def test_each_region_has_its_range_and_no_other_region_has_one():
    spec = load_text(GOOD)
    assert spec.regions.both == ("us-east-1", "us-west-2")
    assert [spec.cidr_of(region) for region in spec.regions.both] == ["10.20.0.0/16", "10.21.0.0/16"]
    with pytest.raises(KeyError):
        spec.cidr_of(spec.regions.witness)


@pytest.mark.parametrize("text", [GOOD, serving_document.GOOD])
def test_a_document_written_back_reads_the_same(text: str):
    spec = load_text(text)
    assert Environment.model_validate_json(spec.model_dump_json()) == spec


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (', backup: "444455556666"', "", "backup is not set"),
        ("444455556666", "111122223333", "backup is the workload account"),
        ("nat: per_zone", "nat: none", "reach S3 and DynamoDB only"),
        ("nat: per_zone", "nat: single", "the loss of one zone"),
    ],
)
def test_what_is_allowed_and_still_worth_knowing_is_remarked(old: str, new: str, words: str):
    assert [words in remark for remark in load_text(changed(old, new)).remarks()] == [True]


def test_a_good_production_environment_needs_no_remark():
    assert list(load_text(GOOD).remarks()) == []


def test_the_committed_environments_are_what_they_say():
    local, example = load_environment("local"), load_environment("example")
    assert (local.cloud, local.keep, local.accounts.workload) == (Cloud.LOCAL, False, "000000000000")
    assert local.regions.both == ("us-east-1", "us-west-2")
    assert local.regions.witness == "us-east-2"
    assert (example.cloud, example.keep) == (Cloud.AWS, True)
    assert list(example.remarks()) == []
    assert [list(each.online_endpoints) for each in (local, example)] == [
        ["digits"],
        ["support-assistant", "churn-risk"],
    ]
    assert [list(each.batch_endpoints) for each in (local, example)] == [["digits-nightly"], ["nightly-churn"]]
