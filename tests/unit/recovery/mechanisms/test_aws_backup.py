"""Backup plans: hand-computed from period + start window + completion window, by hours."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import UNKNOWN, GraphBuilder, ResourceGraph, Unsettled
from stanchion.graph.builder import Handle
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Note, Protection
from stanchion.recovery.mechanisms.aws_backup import MECHANISM
from stanchion.recovery.term import Amount, Grade, total

APPLICATION, INFRASTRUCTURE, ZONE, REGION = Disruption
HOUR = 3600.0
VOLUME, BUCKET, VERSIONS = "aws:ebs/volume:Volume", "aws:s3/bucket:Bucket", "aws:s3/bucketVersioning:BucketVersioning"
VAULT, PLAN, SELECTION = "aws:backup/vault:Vault", "aws:backup/plan:Plan", "aws:backup/selection:Selection"
HOURLY: dict[str, Any] = {"ruleName": "hourly", "schedule": "cron(0 * * * ? *)"}


class Lake:
    """A volume and a bucket, two vaults, and a plan with the given rules."""

    def __init__(self, *rules: dict[str, Any], selection: dict[str, Any] | None = None, tags: Any = None) -> None:
        self.build = GraphBuilder(region="us-east-1")
        tags = {"backup": "lake"} if tags is None else tags
        self.volume = self.build.add(VOLUME, "disk", {"availabilityZone": "us-east-1a", "tags": tags})
        self.near = self.build.add(VAULT, "near", {"name": "near"})
        self.far = self.build.add(VAULT, "far", {"name": "far"}, region="us-west-2")
        self.plan = self.build.add(PLAN, "lake", {"rules": [{"targetVaultName": "near", **rule} for rule in rules]})
        taken = {"resources": [self.volume.ref("arn")]} if selection is None else selection
        self.build.add(SELECTION, "all", {"planId": self.plan.ref("id"), **taken})

    def copy_to(self, vault: Handle) -> dict[str, Any]:
        return {"copyActions": [{"destinationVaultArn": vault.ref("arn")}]}

    def graph(self) -> ResourceGraph:
        return self.build.graph()


def protections(graph: ResourceGraph, disruption: Disruption, store: str = "disk") -> list[Protection]:
    return [
        found
        for found in MECHANISM.find(graph)
        if isinstance(found, Protection)
        and found.disruption is disruption
        and graph.resources[found.store].name == store
    ]


def losses(graph: ResourceGraph, disruption: Disruption, store: str = "disk") -> list[Amount]:
    return [total(term.amount for term in found.loss) for found in protections(graph, disruption, store)]


def notes(graph: ResourceGraph) -> str:
    return " ".join(found.text for found in MECHANISM.find(graph) if isinstance(found, Note))


def with_copy(vault: str = "far", **rule: Any) -> Lake:
    arn = f"arn:aws:backup:{'us-west-2' if vault == 'far' else 'us-east-1'}:111122223333:backup-vault:{vault}"
    return Lake({**HOURLY, "copyActions": [{"destinationVaultArn": arn}], **rule})


class TestHandComputed:
    @pytest.mark.parametrize(
        ("rule", "hours"),
        [
            # 1 h + 60 min + 180 min: what the provider sends when the program says nothing.
            (HOURLY, 5),
            # 1 h + 8 h + 7 d: the API's own.
            ({**HOURLY, "startWindow": 480, "completionWindow": 10080}, 177),
            ({**HOURLY, "startWindow": 60, "completionWindow": 60}, 3),
            ({"ruleName": "daily", "schedule": "cron(0 5 * * ? *)"}, 28),
            # No schedule is once a day at five.
            ({"ruleName": "daily"}, 28),
            # From Friday to Monday.
            ({"ruleName": "weekdays", "schedule": "cron(0 5 ? * MON-FRI *)"}, 72 + 4),
        ],
    )
    def test_period_and_windows(self, rule: dict[str, Any], hours: float):
        graph = Lake(rule).graph()
        for disruption in (APPLICATION, INFRASTRUCTURE, ZONE):
            assert losses(graph, disruption) == [hours * HOUR]
        assert losses(graph, REGION) == []

    def test_every_term_is_a_bound_and_says_which_setting_it_is(self):
        (found,) = protections(Lake({**HOURLY, "startWindow": 480}).graph(), APPLICATION)
        assert [(term.amount, term.grade, term.property) for term in found.loss] == [
            (HOUR, Grade.BOUND, "rules[0].schedule"),
            (8 * HOUR, Grade.BOUND, "rules[0].startWindow"),
            (3 * HOUR, Grade.BOUND, "rules[0].completionWindow"),
        ]

    def test_a_copy_in_another_region_is_what_helps_there_and_is_no_bound(self):
        graph = with_copy().graph()
        assert losses(graph, REGION) == [5 * HOUR]
        (found,) = protections(graph, REGION)
        assert {term.grade for term in found.loss} == {Grade.BOUND, Grade.TYPICAL}

    def test_a_copy_in_the_same_region_helps_nowhere(self):
        assert losses(with_copy("near").graph(), REGION) == []

    def test_a_restore_takes_what_the_team_declares_and_is_unknown_else(self):
        (found,) = protections(Lake(HOURLY).graph(), APPLICATION)
        assert isinstance(total(term.amount for term in found.restore), Unsettled)
        declared = {"backup": "lake", "stanchion:restore": "30m"}
        (found,) = protections(Lake(HOURLY, tags=declared).graph(), APPLICATION)
        assert total(term.amount for term in found.restore) == 1800.0


class TestContinuous:
    def lake(self, **versioning: Any) -> ResourceGraph:
        lake = Lake({**HOURLY, "enableContinuousBackup": True}, selection={"resources": ["*"]})
        bucket = lake.build.add(BUCKET, "raw", {"bucket": "raw"})
        lake.build.add(VERSIONS, "raw", {"bucket": bucket.ref("bucket"), "versioningConfiguration": versioning})
        return lake.graph()

    def test_a_bucket_goes_back_to_within_five_minutes(self):
        assert sorted(losses(self.lake(status="Enabled"), APPLICATION, "raw"), key=str) == sorted(
            [300.0, 5 * HOUR], key=str
        )

    def test_a_volume_does_not_know_it(self):
        assert losses(self.lake(status="Enabled"), APPLICATION) == [5 * HOUR]

    def test_a_bucket_without_versions_can_t_be_backed_up_at_all(self):
        assert losses(self.lake(status="Suspended"), APPLICATION, "raw") == []


class TestOverlap:
    WEEKLY = {"ruleName": "weekly", "schedule": "cron(0 5 ? * 1 *)", "lifecycle": {"deleteAfter": 365}}
    DAILY = {"ruleName": "daily", "schedule": "cron(0 5 * * ? *)", "lifecycle": {"deleteAfter": 30}}

    def test_the_longer_retention_takes_the_place_of_the_shorter_without_a_gap_in_the_region(self):
        graph = Lake(self.DAILY, self.WEEKLY).graph()
        # One a day: on Sundays it is the weekly rule's.
        assert min(losses(graph, APPLICATION)) == 28 * HOUR  # type: ignore[type-var]

    def test_a_copy_of_the_rule_that_gives_way_is_missing_then(self):
        lake = Lake(self.DAILY, self.WEEKLY)
        arn = "arn:aws:backup:us-west-2:111122223333:backup-vault:far"
        copied = {**self.DAILY, "copyActions": [{"destinationVaultArn": arn}]}
        graph = Lake(copied, self.WEEKLY).graph()
        # From Saturday's copy to Monday's.
        assert losses(graph, REGION) == [(48 + 4) * HOUR]
        assert "does not always run" in notes(graph)
        assert notes(lake.graph()) == ""


class TestNotKnown:
    def test_a_schedule_made_by_another_resource_is_named(self):
        build = Lake({**HOURLY, "schedule": UNKNOWN}).graph()
        (amount,) = losses(build, APPLICATION)
        assert isinstance(amount, Unsettled)
        assert amount.property == "rules[0].schedule"

    @pytest.mark.parametrize("key", ["startWindow", "completionWindow"])
    def test_a_window_is_named(self, key: str):
        (amount,) = losses(Lake({**HOURLY, key: UNKNOWN}).graph(), APPLICATION)
        assert isinstance(amount, Unsettled)
        assert amount.property == f"rules[0].{key}"

    def test_rules_that_are_not_known_are_no_rules(self):
        lake = Lake()
        graph = lake.build.graph()
        assert losses(graph, APPLICATION) == []
        build = GraphBuilder(region="us-east-1")
        disk = build.add(VOLUME, "disk", {"availabilityZone": "us-east-1a"})
        plan = build.add(PLAN, "lake", {"rules": UNKNOWN})
        build.add(SELECTION, "all", {"planId": plan.ref("id"), "resources": [disk.ref("arn")]})
        (amount,) = losses(build.graph(), APPLICATION)
        assert isinstance(amount, Unsettled)

    def test_a_vault_of_which_no_region_is_known_is_named(self):
        (amount,) = losses(Lake({**HOURLY, "copyActions": [{"destinationVaultArn": UNKNOWN}]}).graph(), REGION)
        assert isinstance(amount, Unsettled)
        assert "destinationVaultArn" in amount.property

    def test_a_vault_that_is_known_by_an_edge_is_one(self):
        lake = Lake()
        rule = {**HOURLY, "targetVaultName": "near", **lake.copy_to(lake.far)}
        plan = lake.build.add(PLAN, "other", {"rules": [rule]})
        lake.build.add(SELECTION, "other", {"planId": plan.ref("id"), "resources": [lake.volume.ref("arn")]})
        assert losses(lake.graph(), REGION) == [5 * HOUR]


class TestSelection:
    def tag(self, key: str, value: object) -> dict[str, Any]:
        return {"selectionTags": [{"type": "STRINGEQUALS", "key": key, "value": value}]}

    def test_by_tag(self):
        assert losses(Lake(HOURLY, selection=self.tag("backup", "lake")).graph(), APPLICATION) == [5 * HOUR]
        assert losses(Lake(HOURLY, selection=self.tag("backup", "sea")).graph(), APPLICATION) == []

    def test_tags_narrow_down_what_arns_name(self):
        both = {"resources": ["*"], **self.tag("backup", "sea")}
        assert losses(Lake(HOURLY, selection=both).graph(), APPLICATION) == []

    def test_by_pattern_and_what_is_left_out(self):
        volumes = ["arn:aws:ec2:*:*:volume/*"]
        assert losses(Lake(HOURLY, selection={"resources": volumes}).graph(), APPLICATION) == [5 * HOUR]
        tables = ["arn:aws:dynamodb:*:*:table/*"]
        assert losses(Lake(HOURLY, selection={"resources": tables}).graph(), APPLICATION) == []
        left_out = {"resources": ["*"], "notResources": volumes}
        assert losses(Lake(HOURLY, selection=left_out).graph(), APPLICATION) == []

    def test_conditions_have_to_be_met_all(self):
        equal = [{"key": "aws:ResourceTag/backup", "value": "lake"}]
        not_equal = [{"key": "aws:ResourceTag/backup", "value": "l*"}]
        met = {"resources": ["*"], "conditions": {"stringEquals": equal}}
        assert losses(Lake(HOURLY, selection=met).graph(), APPLICATION) == [5 * HOUR]
        unmet = {"resources": ["*"], "conditions": {"stringEquals": equal, "stringNotLikes": not_equal}}
        assert losses(Lake(HOURLY, selection=unmet).graph(), APPLICATION) == []

    def test_a_tag_that_is_not_known_is_not_taken_for_the_right_one(self):
        graph = Lake(HOURLY, selection=self.tag("backup", "lake"), tags={"backup": UNKNOWN}).graph()
        (amount,) = losses(graph, APPLICATION)
        assert isinstance(amount, Unsettled)
        assert amount.property == 'tags["backup"]'

    def test_a_plan_sees_its_own_region_only(self):
        lake = Lake(HOURLY, selection={"resources": ["*"]})
        lake.build.add(VOLUME, "away", {"availabilityZone": "us-west-2a"}, region="us-west-2")
        assert losses(lake.graph(), APPLICATION, "away") == []


class TestProperties:
    windows = st.integers(60, 20_000)

    @settings(max_examples=50)
    @given(start=windows, complete=windows, more_start=st.integers(0, 5000), more_complete=st.integers(0, 5000))
    def test_a_longer_window_never_loses_less(self, start: int, complete: int, more_start: int, more_complete: int):
        def loss(one: int, other: int) -> Amount:
            (amount,) = losses(Lake({**HOURLY, "startWindow": one, "completionWindow": other}).graph(), APPLICATION)
            return amount

        before = loss(start, complete)
        assert before == HOUR + (start + complete) * 60.0
        assert loss(start + more_start, complete + more_complete) >= before  # type: ignore[operator]

    @settings(max_examples=40)
    @given(hours=st.sets(st.integers(0, 23), min_size=1), more=st.sets(st.integers(0, 23)))
    def test_a_rarer_schedule_never_loses_less(self, hours: set[int], more: set[int]):
        def loss(times: set[int]) -> Amount:
            schedule = f"cron(0 {','.join(map(str, sorted(times)))} * * ? *)"
            (amount,) = losses(Lake({**HOURLY, "schedule": schedule}).graph(), APPLICATION)
            return amount

        assert loss(hours | more) <= loss(hours)  # type: ignore[operator]

    @settings(max_examples=25)
    @given(order=st.permutations(range(6)))
    def test_the_order_of_resources_is_irrelevant(self, order: list[int]):
        graph = with_copy().graph()
        resources = list(graph)
        shuffled = ResourceGraph([resources[i] for i in order if i < len(resources)] + resources[len(order) :])
        for disruption in Disruption:
            assert losses(shuffled, disruption) == losses(graph, disruption)
