"""Keys and quotas on the local cloud: created by the command, used by gateways of two regions, without their tables."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from gateway.keys.caller import Caller, authorise
from gateway.keys.key_ring import KeyRing
from gateway.keys.refused import CantTellError, ForbiddenError, UnauthenticatedError
from gateway.quotas.counter_table import CounterTable
from gateway.quotas.quotas import Quotas
from sandbox import cloud
from sandbox.front_door.faults import Effect, Fault
from stanchion.keys.names import key_table
from stanchion.quotas.names import quota_table
from stanchion.serving.gateway_configuration import EndpointPlace, Quota
from tests.engine.project import Project

PRIMARY, STANDBY = "us-east-1", "us-west-2"
QUICK = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1})
NOW = 1_780_000_000.0


def client(project: Project, service: str, region: str) -> Any:
    return boto3.client(
        service, region_name=region, config=QUICK, endpoint_url=project.variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=project.variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=project.variables["AWS_SECRET_ACCESS_KEY"],
    )  # fmt: skip


def create_table(project: Project, name: str, *keys: str) -> None:
    """A table in both regions.

    MiniStack copies what is written to a global table at once; how long that takes on AWS is not seen here.
    """
    primary = client(project, "dynamodb", PRIMARY)
    primary.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in keys],
        KeySchema=[
            {"AttributeName": each, "KeyType": kind} for each, kind in zip(keys, ("HASH", "RANGE"), strict=False)
        ],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )  # fmt: skip
    primary.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    primary.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": STANDBY}}])
    client(project, "dynamodb", STANDBY).get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})


@contextmanager
def without_dynamodb(project: Project, effect: Effect = Effect.UNAVAILABLE) -> Iterator[None]:
    control = cloud.control(Path(project.variables["STANCHION_SANDBOX_DIR"]))
    control.add(Fault(effect, service="dynamodb"))
    try:
        yield
    finally:
        control.heal(service="dynamodb")


def stanchion(project: Project, *arguments: str) -> Any:
    return project.run(sys.executable, "-m", "stanchion.cli.main", *arguments)


def endpoint(**more: Any) -> EndpointPlace:
    said = {
        "kind": "predictor", "tier": "standard", "use_case": "reading-forms", "model": "digits", "ladder": ("full",),
        "variants": {"full": {"concurrency": 4, "pool": "general", "hosts": {"blue": "127.0.0.1:9"}}},
    }  # fmt: skip
    return EndpointPlace.model_validate({**said, **more})


@pytest.mark.engine
def test_a_key_is_created_used_and_revoked(project: Project) -> None:
    table = key_table(project.environment)
    create_table(project, table, "id")
    said = stanchion(
        project, "keys", "create", project.environment, "--team", "forms", "--use-case", "reading-forms",
        "--limit", "key:requests:minute:5", "--expires", "1d",
    ).ok().out  # fmt: skip
    text = said.splitlines()[-1]
    assert text.startswith("sk-stn-")
    refused = stanchion(
        project, "keys", "create", project.environment, "--team", "forms", "--use-case", "cooking"
    )  # fmt: skip
    assert refused.code == 2
    assert "'cooking' is not a use case of an online endpoint" in refused.out
    assert "Traceback" not in refused.out
    headers = {b"authorization": f"Bearer {text}".encode()}
    key_id = text.split("-")[2]
    now = 0.0

    async def scenario() -> None:
        nonlocal now
        # In both regions, by gateways that know nothing yet.
        for region in (PRIMARY, STANDBY):
            ring = KeyRing(client(project, "dynamodb", region), table)
            caller = await ring.authenticate(headers)
            assert (caller.key_id, caller.team, caller.use_case) == (key_id, "forms", "reading-forms")
            assert [each.hard for each in caller.limits] == [5]
            authorise(caller, "digits", endpoint())
            with pytest.raises(ForbiddenError):
                authorise(caller, "chat", endpoint(use_case="talking"))
            await ring.close()
        ring = KeyRing(client(project, "dynamodb", STANDBY), table, clock=lambda: now)
        other = {b"authorization": f"Bearer {text[:-4]}0000".encode()}
        await ring.authenticate(headers)
        with pytest.raises(UnauthenticatedError):
            await ring.authenticate(other)
        with without_dynamodb(project):
            now = 600.0
            assert (await ring.authenticate(headers)).key_id == key_id
            unknown = {b"authorization": f"Bearer sk-stn-{'z' * 16}-{'0' * 43}".encode()}
            with pytest.raises(CantTellError):
                await ring.authenticate(unknown)
            now = 901.0
            with pytest.raises(CantTellError):
                await ring.authenticate(headers)
        now = 910.0
        await ring.authenticate(headers)
        assert "is revoked." in stanchion(project, "keys", "revoke", project.environment, key_id).ok().out
        now = 940.0
        with pytest.raises(UnauthenticatedError, match="is revoked"):
            await ring.authenticate(headers)
        await ring.close()

    asyncio.run(scenario())
    listed = stanchion(project, "keys", "list", project.environment).ok().out
    assert key_id in listed
    assert "revoked" in listed
    assert text.split("-")[3] not in listed


@pytest.mark.engine
def test_gateways_of_two_regions_count_together(project: Project) -> None:
    table = quota_table(project.environment)
    create_table(project, table, "counter", "region")
    limit = Quota(scope="key", unit="requests", window="day", hard=20)
    tokens = Quota(scope="use_case", unit="tokens", window="month", hard=1000)
    caller, place = Caller("k1", "forms", "reading-forms", limits=(limit,)), endpoint(quotas=(tokens,))

    async def scenario() -> None:
        now = NOW

        def made(region: str) -> Quotas:
            return Quotas(
                CounterTable(client(project, "dynamodb", region), table, region), share=0.5, clock=lambda: now
            )  # fmt: skip

        east, west = made(PRIMARY), made(STANDBY)
        for quotas, count in ((east, 7), (west, 8)):
            for _ in range(count):
                assert quotas.take(caller, "digits", place, now).allowed
            quotas.settle(caller, "digits", place, tokens=100 * count)
            assert await quotas.sync()
        # What one region counts is an item of its own, and both are read in both.
        for region in (PRIMARY, STANDBY):
            items = client(project, "dynamodb", region).scan(TableName=table)["Items"]
            counted = sorted((each["region"]["S"], int(each["used"]["N"])) for each in items)
            assert counted == [(PRIMARY, 7), (PRIMARY, 700), (STANDBY, 8), (STANDBY, 800)]
        assert east.take(caller, "digits", place, now).allowed
        assert await east.sync()
        # 1500 of 1000 tokens are used, as gateways that knew of each other too late let them be.
        refused = east.take(caller, "digits", place, now)
        assert (refused.allowed, refused.quota) == (False, "use_case/tokens/month")
        free = endpoint()
        assert sum(east.take(caller, "digits", free, now).allowed for _ in range(10)) == 4
        # A gateway that starts knows nothing, and then all.
        third = made(STANDBY)
        assert await east.sync()
        assert third.take(caller, "digits", free, now).allowed
        assert await third.sync()
        assert not third.take(caller, "digits", free, now).allowed
        for quotas in (east, west, third):
            await quotas.close()

    asyncio.run(scenario())


@pytest.mark.engine
@pytest.mark.parametrize("effect", [Effect.UNAVAILABLE, Effect.DROP])
def test_without_the_counters_each_endpoint_has_its_way(project: Project, effect: Effect) -> None:
    table = f"{quota_table(project.environment)}-{effect.value}"
    create_table(project, table, "counter", "region")
    caller = Caller(
        "k1", "forms", "reading-forms", limits=(Quota(scope="key", unit="requests", window="day", hard=20),)
    )

    async def scenario() -> None:
        now = NOW
        quotas = Quotas(
            CounterTable(client(project, "dynamodb", PRIMARY), table, PRIMARY), share=0.25, clock=lambda: now
        )
        for _ in range(4):
            quotas.take(caller, "digits", endpoint(), now)
        assert await quotas.sync()
        assert quotas.store_gone_seconds == 0
        with without_dynamodb(project, effect):
            # Nobody knows until the counters are needed.
            assert quotas.take(caller, "digits", endpoint(), now).allowed
            assert not await quotas.sync()
            now += 5
            assert quotas.store_gone_seconds == 5
            # A quarter of the 16 that were left, of which one is used.
            assert sum(quotas.take(caller, "digits", endpoint(), now).allowed for _ in range(10)) == 3
            assert not quotas.take(caller, "digits", endpoint(without_counters="refuse"), now).allowed
            assert quotas.take(caller, "digits", endpoint(without_counters="allow"), now).allowed
            assert not await quotas.sync()
        assert await quotas.sync()
        assert quotas.store_gone_seconds == 0
        (item,) = client(project, "dynamodb", STANDBY).scan(TableName=table)["Items"]
        assert int(item["used"]["N"]) == 9
        await quotas.close()

    asyncio.run(scenario())
