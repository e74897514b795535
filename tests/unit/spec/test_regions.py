import json
from pathlib import Path

import botocore
import pytest

from stanchion.spec.regions import PARTITION_OF, PARTITIONS
from tests.unit.spec.documents import changed, only_problem, problems, says


def test_the_table_is_botocores():
    data = json.loads((Path(botocore.__file__).parent / "data" / "endpoints.json").read_text(encoding="utf-8"))
    theirs = {partition["partition"]: sorted(partition["regions"]) for partition in data["partitions"]}
    assert {name: sorted(regions) for name, regions in PARTITIONS.items()} == theirs
    assert len(PARTITION_OF) == sum(len(regions) for regions in PARTITIONS.values())


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "words"),
    [
        ("us-west-2", "us-wst-2", 8, "regions.standby", ("'us-wst-2' is not an AWS region", "mean us-west-2?")),
        ("us-west-2", "mars", 8, "regions.standby", ("'mars' is not an AWS region", "us-west-2", "enabled")),
        ("us-west-2", "us-east-1", 8, "regions.standby", ("is the primary region too", "other than the primary")),
        ("us-east-2", "us-east-1", 9, "regions.witness", ("is the primary region too", "a third region")),
        ("us-east-2", "us-west-2", 9, "regions.witness", ("is the standby region too", "a third region")),
        ("us-west-2", "cn-north-1", 8, "regions.standby", ("partition aws-cn", "regions of aws")),
        ("  witness: us-east-2\n", "", 6, "regions.witness", ("missing", "`witness: us-east-2`")),
        ("us-west-2", "12", 8, "regions.standby", ("12 without quotes is a number", 'write "12"')),
    ],
)
def test_bad_regions(old: str, new: str, line: int, key: str, words: tuple[str, ...]):
    says(only_problem(changed(old, new)), line=line, key=key, words=words)


def test_three_times_the_same_region_is_said_for_each_role():
    text = changed("us-west-2", "us-east-1").replace("us-east-2", "us-east-1")
    assert [(p.line, p.key) for p in problems(text)] == [
        (8, "regions.standby"),
        (9, "regions.witness"),
        (9, "regions.witness"),
    ]
