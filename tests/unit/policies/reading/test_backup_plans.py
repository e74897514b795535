from policies.reading.backup_plans import PLAN, SELECTION, VAULT, region_of_vault, tiers_of
from policies.reading.examples import tiered
from policies.rule import Program
from stanchion.graph import UNKNOWN, GraphBuilder, Unsettled

TABLE = "aws:dynamodb/table:Table"


def tags(tier: str, **more: str) -> dict[str, str]:
    return {"stanchion:workload": tier, "stanchion:tier": tier, **more}


def program(selection: dict[str, object], *, plan_tags: dict[str, str] | None = None) -> Program:
    """A critical table and a standard bucket, and one plan with this selection."""
    builder = GraphBuilder()
    orders = builder.add(TABLE, "orders", {"name": "orders", "tags": tags("critical", backup="hourly")})
    builder.add("aws:s3/bucket:Bucket", "lake", {"tags": tags("standard", backup="daily")})
    plan = builder.add(PLAN, "plan", {"tags": plan_tags or {}})
    resources = [orders.ref("arn")] if selection.pop("table", False) else selection.pop("resources", [])
    builder.add(SELECTION, "what", {"planId": plan.ref("id"), "resources": resources, **selection})
    return Program(builder.graph(), tiered())


def tiers(judged: Program) -> frozenset[str] | Unsettled:
    return tiers_of(judged, judged.graph.of_type(PLAN)[0])


def test_a_resource_is_found_by_the_edge_of_its_unknown_arn() -> None:
    assert tiers(program({"table": True})) == {"critical"}


def test_a_tag_selects_the_stores_that_carry_it() -> None:
    assert tiers(program({"selectionTags": [{"key": "backup", "value": "daily"}]})) == {"standard"}


def test_the_tag_of_a_tier_needs_no_store_in_the_program() -> None:
    selection: dict[str, object] = {"selectionTags": [{"key": "stanchion:tier", "value": "critical"}]}
    assert tiers(program(selection)) == {"critical"}


def test_a_pattern_selects_all_stores_of_its_service() -> None:
    assert tiers(program({"resources": ["arn:aws:s3:::*"]})) == {"standard"}
    assert tiers(program({"resources": ["*"]})) == {"critical", "standard"}


def test_conditions_narrow_a_pattern_down() -> None:
    condition = {"stringEquals": [{"key": "aws:ResourceTag/backup", "value": "hourly"}]}
    assert tiers(program({"resources": ["*"], "conditions": condition})) == {"critical"}


def test_a_plan_that_selects_nothing_known_says_its_tier_or_is_taken_for_every_one() -> None:
    nothing: dict[str, object] = {"selectionTags": [{"key": "backup", "value": "never"}]}
    assert tiers(program(dict(nothing), plan_tags=tags("standard"))) == {"standard"}
    assert tiers(program(dict(nothing))) == {"critical", "standard"}


def test_an_unknown_tag_can_not_be_told() -> None:
    found = tiers(program({"selectionTags": [{"key": "backup", "value": UNKNOWN}]}))
    assert isinstance(found, Unsettled)
    assert found.property == "selectionTags[0].value"


def test_of_the_vaults_that_edges_name_copies_go_to_the_one_elsewhere() -> None:
    builder = GraphBuilder()
    here = builder.add(VAULT, "here", {})
    there = builder.add(VAULT, "there", {}, region="us-west-2")
    rule = {"targetVaultName": here.ref("name"), "copyActions": [{"destinationVaultArn": there.ref("arn")}]}
    builder.add(PLAN, "plan", {"rules": [rule]})
    judged = Program(builder.graph(), tiered())
    setting = judged.graph.of_type(PLAN)[0].at("rules")[0]["copyActions"][0]["destinationVaultArn"]
    assert region_of_vault(judged, setting) == "us-west-2"


def test_the_region_of_a_vault_of_another_account_stands_in_its_arn() -> None:
    arn = "arn:aws:backup:eu-west-1:444455556666:backup-vault:copies"
    builder = GraphBuilder()
    builder.add(PLAN, "plan", {"rules": [{"copyActions": [{"destinationVaultArn": arn}]}]})
    judged = Program(builder.graph(), tiered())
    setting = judged.graph.of_type(PLAN)[0].at("rules")[0]["copyActions"][0]["destinationVaultArn"]
    assert region_of_vault(judged, setting) == "eu-west-1"
