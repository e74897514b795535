"""`stanchion route` as its users meet it; the tables are moto's, and AppConfig is asked in the engine's tests."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from stanchion.cli import main as module
from stanchion.cli.route_cloud import RegionalRouting
from stanchion.routing.compose import compose
from stanchion.routing.document import RoutingDocument
from stanchion.routing.intents import intent_of, make_intent, put_request

CHECKOUT = Path(__file__).resolve().parents[3]
PRIMARY, STANDBY = "us-east-1", "us-west-2"
# moto's account.
ACCOUNT = "123456789012"
CHAT = "support-assistant"


@dataclass
class Answer:
    code: int
    out: str
    err: str


Run = Callable[..., Answer]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose environment lies in moto's account."""
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    (tmp_path / "environments").mkdir()
    text = (CHECKOUT / "environments/example.yaml").read_text(encoding="utf-8").replace("111122223333", ACCOUNT)
    (tmp_path / "environments/example.yaml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def tables(root: Path) -> Iterator[None]:
    with mock_aws():
        for region in (PRIMARY, STANDBY):
            make_table(region)
        yield


@pytest.fixture
def run(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("COLUMNS", "250")

    def command(*arguments: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["stanchion", "route", *arguments, "--root", str(root)])
        # Whatever is no SystemExit would be a trace for the user, and fails the test.
        with pytest.raises(SystemExit) as left:
            module.main()
        captured = capsys.readouterr()
        code = left.value.code
        return Answer(code if isinstance(code, int) else int(code is not None), captured.out, captured.err)

    return command


@pytest.fixture
def in_service(monkeypatch: pytest.MonkeyPatch) -> dict[str, RoutingDocument]:
    """By region, what AppConfig would give."""
    documents: dict[str, RoutingDocument] = {}
    monkeypatch.setattr(RegionalRouting, "in_service", lambda self: documents.get(self.region))
    return documents


def make_table(region: str) -> None:
    keys = {"endpoint": "HASH", "source": "RANGE"}
    boto3.client("dynamodb", region_name=region).create_table(
        TableName="example-routing-intents",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
    )


def table(region: str) -> Any:
    resource: Any = boto3.resource("dynamodb", region_name=region)
    return resource.Table("example-routing-intents")


def stored(region: str) -> list[Any]:
    return [intent_of(item) for item in table(region).scan()["Items"]]


def want(region: str, source: str, **change: Any) -> None:
    fields = {"endpoint": CHAT, "source": source, "epoch": 1, "reason": f"{source} says so"}
    table(region).put_item(**put_request(make_intent(**fields, change=change)))


SET = ("set", "example", CHAT, "--reason", "too dear", "--for", "2h")


def test_an_operators_intent_is_put_into_both_regions(run: Run, tables: None):
    before = datetime.now(UTC)
    answer = run(*SET, "--rung", "cached", "--weights", "full=blue:90,green:10", "--weights", "quantized=green:1",
                 "--split-by", "user", "--experiment", "shorter")  # fmt: skip
    assert (answer.code, answer.err) == (0, "")
    assert (
        answer.out.count(
            f"{CHAT}: rung cached, full blue:90 green:10, quantized green:1, by user, experiment shorter, until 20"
        )
        == 2
    )
    for region in (PRIMARY, STANDBY):
        (found,) = stored(region)
        assert (found.source, found.reason, found.change.rung) == ("operator", "too dear", "cached")
        assert found.change.weights == {"full": {"blue": 90, "green": 10}, "quantized": {"green": 1}}
        assert timedelta(hours=1, minutes=59) < found.expires_at - before < timedelta(hours=2, minutes=1)


def test_the_next_intent_replaces_the_last_with_a_higher_epoch(run: Run, tables: None):
    run(*SET, "--rung", "cached")
    (first,) = stored(PRIMARY)
    answer = run(*SET, "--rung", "human", "--region", PRIMARY)
    assert "in place of what an operator wanted before" in answer.out
    (second,) = stored(PRIMARY)
    assert second.change.rung == "human"
    assert second.epoch > first.epoch
    assert stored(STANDBY)[0].change.rung == "cached"


def test_clear_takes_back_what_an_operator_wanted_and_nothing_else(run: Run, tables: None):
    want(PRIMARY, "guard", rung="human")
    run(*SET, "--rung", "cached")
    answer = run("clear", "example", CHAT)
    assert (answer.code, answer.out.count("goes by what others want")) == (0, 2)
    assert [each.source for each in stored(PRIMARY)] == ["guard"]
    assert stored(STANDBY) == []
    again = run("clear", "example", CHAT)
    assert (again.code, again.out.count("no operator wants anything of endpoint")) == (0, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("set", "example", "chat", "--reason", "r", "--for", "2h", "--rung", "full"),
         "'chat' is not an online endpoint of environment 'example'; allowed: support-assistant, churn-risk"),
        (("set", "example", "nightly-churn", "--reason", "r", "--for", "2h", "--rung", "full"),
         "'nightly-churn' is not an online endpoint"),
        (("set", "example", "churn-risk", "--reason", "r", "--for", "2h", "--rung", "human"),
         "'human' is not a rung of the endpoint's ladder; allowed: full"),
        (("set", "example", "churn-risk", "--reason", "r", "--for", "2h", "--weights", "quantized=blue:1"),
         "'quantized' is not a variant of the endpoint; allowed: full"),
        ((*SET, "--weights", "full=red:1"), "'red' is not a slot (blue, green)"),
        ((*SET, "--weights", "full=blue:1,blue:2"), "slot 'blue' has two weights"),
        ((*SET, "--weights", "full=blue:1", "--weights", "full=green:1"), "variant 'full' has weights twice"),
        ((*SET, "--weights", "full=blue:-1,green:1"), "'-1' is not a whole number from 0 to 1000000"),
        ((*SET, "--weights", "full=blue:12345678"), "'12345678' is not a whole number"),
        ((*SET, "--weights", "full=blue:0"), "no slot has a weight above 0"),
        ((*SET, "--weights", "full"), "'' is not a slot"),
        ((*SET, "--split-by", "team"), "'team' is nothing that is split; allowed: request, user"),
        ((*SET, "--experiment", "a b"), "change.experiment"),
        (SET, "nothing is wanted; allowed: one or more of --rung"),
        ((*SET[:-1], "0s", "--rung", "full"), "allowed: above 0 and at most 30d"),
        ((*SET[:-1], "31d", "--rung", "full"), "allowed: above 0 and at most 30d"),
        ((*SET[:-1], "soon", "--rung", "full"), "'soon' is not a duration"),
        (("set", "example", CHAT, "--reason", " ", "--for", "2h", "--rung", "full"), "reason: one line of text"),
        ((*SET, "--rung", "full", "--region", "us-east-2"),
         "'us-east-2' is not a region that environment 'example' serves in; allowed: us-east-1, us-west-2"),
        (("show", "nowhere"), "nowhere"),
    ],
)  # fmt: skip
def test_what_the_document_does_not_have_is_refused_with_a_sentence_and_no_call(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
):
    monkeypatch.setattr(boto3, "Session", None)
    answer = run(*arguments)
    assert answer.code == 2
    assert message in " ".join(answer.err.split())


def test_credentials_of_another_account_are_refused(run: Run, root: Path, tables: None):
    file = root / "environments/example.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(ACCOUNT, "111122223333"), encoding="utf-8")
    answer = run(*SET, "--rung", "cached")
    assert answer.code == 2
    assert "is not the account of the credentials" in " ".join(answer.err.split())


def test_a_region_without_a_table_does_not_keep_the_other_from_being_changed(run: Run, tables: None):
    table(PRIMARY).delete()
    answer = run(*SET, "--rung", "cached")
    assert answer.code == 1
    assert "us-east-1: environment 'example' has no table of intents 'example-routing-intents' there" in " ".join(
        answer.err.split()
    )
    assert answer.out.startswith(f"{STANDBY}: {CHAT}: rung cached")
    assert len(stored(STANDBY)) == 1


def test_an_intent_that_came_in_between_is_not_overwritten(run: Run, monkeypatch: pytest.MonkeyPatch, tables: None):
    run(*SET, "--rung", "cached", "--region", PRIMARY)
    ((found,), real) = stored(PRIMARY), RegionalRouting.stored_epoch

    def overtaken(self: RegionalRouting, endpoint: str) -> int | None:
        epoch = real(self, endpoint)
        assert epoch is not None
        table(PRIMARY).put_item(**put_request(found.model_copy(update={"epoch": epoch + 10**9})))
        return epoch

    monkeypatch.setattr(RegionalRouting, "stored_epoch", overtaken)
    for arguments in ((*SET, "--rung", "human"), ("clear", "example", CHAT)):
        answer = run(*arguments, "--region", PRIMARY)
        assert answer.code == 1
        assert "was changed by somebody else" in answer.err
        assert stored(PRIMARY)[0].change.rung == "cached"


def test_show_tells_who_decided_and_who_lost(run: Run, in_service: dict[str, RoutingDocument], tables: None):
    want(PRIMARY, "rollout", weights={"full": {"blue": 95, "green": 5}}, rung="full")
    want(PRIMARY, "guard", rung="human")
    run(*SET, "--rung", "cached")
    answer = run("show", "example", "--region", PRIMARY)
    assert answer.code == 0
    assert "no document is published yet" in answer.out
    lines = {
        line.split("│")[2].strip(): line for line in answer.out.splitlines() if line.count("│") == 7 and CHAT in line
    }
    assert "decides rung" in lines["operator"]
    assert "loses rung to operator" in lines["guard"]
    assert "decides weights.full, loses rung to operator" in lines["rollout"]
    assert "full blue:95 green:5" in answer.out
    assert "rung: operator" in answer.out
    assert "too dear" in answer.out


def test_show_as_json_has_both_regions_and_whether_it_is_published(
    run: Run, in_service: dict[str, RoutingDocument], tables: None
):
    run(*SET, "--rung", "cached", "--region", PRIMARY)
    in_service[STANDBY] = compose(
        [],
        datetime.now(UTC),
        environment="example",
        region=STANDBY,
        endpoints=(CHAT, "churn-risk"),
        epoch=7,
    )
    regions = json.loads(run("show", "example", "--json").out)["regions"]
    primary, standby = regions[PRIMARY], regions[STANDBY]
    assert primary["in_service"] is None
    assert primary["published"] is False
    assert primary["endpoints"][CHAT]["rung"] == "cached"
    assert primary["endpoints"][CHAT]["decided_by"]["rung"]["source"] == "operator"
    assert primary["next_change"] is not None
    (found,) = primary["intents"]
    assert (found["standing"], found["decides"], found["loses"]) == ("counts", ["rung"], {})
    assert standby["published"] is True
    assert standby["in_service"]["epoch"] == 7
    assert standby["intents"] == []


def test_show_says_what_it_can_of_a_region_when_the_other_is_gone(
    run: Run, in_service: dict[str, RoutingDocument], tables: None
):
    table(STANDBY).delete()
    answer = run("show", "example", "--json")
    assert answer.code == 1
    regions = json.loads(answer.out)["regions"]
    assert regions[PRIMARY]["endpoints"][CHAT]["rung"] == "full"
    assert "no table of intents" in regions[STANDBY]["error"]


def test_an_intent_that_can_t_be_read_is_shown_as_such(run: Run, in_service: dict[str, RoutingDocument], tables: None):
    table(PRIMARY).put_item(
        Item={"endpoint": CHAT, "source": "guard", "change": {"mirror": 1}, "epoch": 1, "reason": "r"}
    )
    answer = run("show", "example", "--region", PRIMARY)
    assert answer.code == 0
    assert "change.mirror: Extra inputs are not permitted" in answer.out
    assert "served as before" in answer.out
