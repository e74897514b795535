"""A gateway as it runs in its pod, on what a local cloud has for it: tables, stream, routing document, secret, key."""

import asyncio
import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import boto3

from sandbox.ports import free_ports
from stanchion.keys.api_key import make
from stanchion.keys.key_item import KeyItem
from stanchion.keys.names import key_table
from stanchion.quotas.names import quota_table
from stanchion.routing.document import EndpointRoute, RoutingDocument
from stanchion.serving.gateway_configuration import EndpointPlace, GatewayConfiguration, Limits, RoutingPlace
from tests.engine.project import CHECKOUT

REGION = "us-east-1"
ACCOUNT = "000000000000"


class Surroundings:
    """What a gateway finds.

    Args:
        cloud: the environment variables of a running local cloud.
        environment: a name that no other test has.
        folder: of the test.
    """

    def __init__(self, cloud: dict[str, str], environment: str, folder: Path) -> None:
        self.cloud, self.environment, self.folder = cloud, environment, folder
        self.session = boto3.Session(
            aws_access_key_id=cloud["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=cloud["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )
        self.bucket = f"{environment}-events"
        self._tables()
        self._stream()
        self._secret()
        self.key = self._key()
        self._routing()

    def client(self, service: str) -> Any:
        return self.session.client(service, endpoint_url=self.cloud["AWS_ENDPOINT_URL"])

    def configuration(self, endpoints: dict[str, EndpointPlace], limits: Limits | None = None, **more: Any) -> Path:
        """The file that tells a gateway what it serves."""
        told = GatewayConfiguration(
            environment=self.environment, account=ACCOUNT, region=REGION, tiers=("critical", "standard"),
            endpoints=endpoints, limits=limits or Limits(),
            routing=RoutingPlace(
                application=f"{self.environment}-routing", environment=REGION, profile="routing", poll_seconds=0.5
            ),
            event_stream=f"{self.environment}-events", key_table=key_table(self.environment),
            quota_table=quota_table(self.environment), hash_key=f"{self.environment}-hash-key",
            **more,
        )  # fmt: skip
        file = self.folder / "gateway.json"
        file.write_text(told.model_dump_json())
        return file

    def publish(self, epoch: int, **endpoints: EndpointRoute) -> None:
        """Another routing document, in force at once."""
        app_config = self.client("appconfig")
        document = RoutingDocument(
            environment=self.environment, region=REGION, epoch=epoch, written_at=datetime.now(UTC), endpoints=endpoints
        )
        version = app_config.create_hosted_configuration_version(
            ApplicationId=self._application, ConfigurationProfileId=self._profile, ContentType="application/json",
            Content=document.model_dump_json().encode(),
        )["VersionNumber"]  # fmt: skip
        app_config.start_deployment(
            ApplicationId=self._application, EnvironmentId=self._environment, DeploymentStrategyId=self._strategy,
            ConfigurationProfileId=self._profile, ConfigurationVersion=str(version),
        )  # fmt: skip

    def events(self) -> list[dict[str, Any]]:
        """All events in the bucket, as often as they are there; this Firehose makes an object of each record."""
        s3 = self.client("s3")
        keys = [
            each["Key"]
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
            for each in page.get("Contents", [])
        ]

        def read(key: str) -> list[dict[str, Any]]:
            text = s3.get_object(Bucket=self.bucket, Key=key)["Body"].read().decode()
            return [json.loads(line) for line in text.splitlines() if line]

        with ThreadPoolExecutor(8) as threads:
            return [event for events in threads.map(read, keys) for event in events]

    def _tables(self) -> None:
        dynamodb = self.client("dynamodb")
        for name, keys in (
            (key_table(self.environment), ["id"]),
            (quota_table(self.environment), ["counter", "region"]),
        ):
            dynamodb.create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
                KeySchema=[
                    {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
                ],
            )

    def _stream(self) -> None:
        self.client("s3").create_bucket(Bucket=self.bucket)
        self.client("firehose").create_delivery_stream(
            DeliveryStreamName=f"{self.environment}-events",
            DeliveryStreamType="DirectPut",
            ExtendedS3DestinationConfiguration={
                "RoleARN": f"arn:aws:iam::{ACCOUNT}:role/firehose",
                "BucketARN": f"arn:aws:s3:::{self.bucket}",
                "Prefix": "events/",
            },
        )

    def _secret(self) -> None:
        secret = base64.b64encode(b"k" * 32).decode()
        self.client("secretsmanager").create_secret(
            Name=f"{self.environment}-hash-key", SecretString=json.dumps({"id": "h1", "secret": secret})
        )

    def _key(self) -> str:
        key = make()
        item = KeyItem(
            id=key.id, digest=key.digest, team="team-a", use_case="testing", created_at=datetime.now(UTC)
        )  # fmt: skip
        self.client("dynamodb").put_item(TableName=key_table(self.environment), Item=item.attributes)
        return key.text

    def _routing(self) -> None:
        app_config = self.client("appconfig")
        self._application = app_config.create_application(Name=f"{self.environment}-routing")["Id"]
        self._environment = app_config.create_environment(ApplicationId=self._application, Name=REGION)["Id"]
        self._profile = app_config.create_configuration_profile(
            ApplicationId=self._application, Name="routing", LocationUri="hosted"
        )["Id"]
        self._strategy = app_config.create_deployment_strategy(
            Name=f"{self.environment}-at-once", DeploymentDurationInMinutes=0, GrowthFactor=100.0,
            FinalBakeTimeInMinutes=0, ReplicateTo="NONE",
        )["Id"]  # fmt: skip


class GatewayProcess:
    """One process; it is up when this returns."""

    def __init__(self, surroundings: Surroundings, configuration: Path, state: Path, name: str) -> None:
        self.port, self.internal = free_ports([0, 0])
        self.log = surroundings.folder / f"{name}.log"
        variables = {
            **os.environ, **surroundings.cloud,
            "STANCHION_GATEWAY_CONFIGURATION": str(configuration),
            "STANCHION_GATEWAY_FOLDER": str(state),
            "STANCHION_GATEWAY_ADDRESS": f"127.0.0.1:{self.port}",
            "STANCHION_GATEWAY_INTERNAL_ADDRESS": f"127.0.0.1:{self.internal}",
            "HOSTNAME": name,
        }  # fmt: skip
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gateway"], cwd=CHECKOUT, env=variables, stdout=log, stderr=log
            )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert self.process.poll() is None, self.log.read_text()
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.inside}/healthz"):  # noqa: S310
                return
            time.sleep(0.02)
        raise AssertionError(self.log.read_text())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def inside(self) -> str:
        return f"http://127.0.0.1:{self.internal}"

    def metric(self, name: str) -> float:
        """The value of a series, such as `stanchion_events{state="pending"}`."""
        with urllib.request.urlopen(f"{self.inside}/metrics") as answer:  # noqa: S310
            text = answer.read().decode()
        return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name + " "))

    def ready(self) -> dict[str, str]:
        """What keeps it from being ready."""
        try:
            with urllib.request.urlopen(f"{self.inside}/readyz") as answer:  # noqa: S310
                return json.load(answer)["wrong"]
        except urllib.error.HTTPError as error:
            return json.load(error)["wrong"]

    def terminate(self, seconds: float = 60) -> int:
        """Tell it to end, as Kubernetes does, and wait until it has."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def kill(self) -> None:
        """End it without a word."""
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        if self.process.poll() is None:
            self.kill()


def _new_connections() -> aiohttp.TraceConfig:
    """Notes of a request that its connection was made for it."""

    async def made(_session: Any, context: Any, _params: Any) -> None:
        context.trace_request_ctx["new"] = True

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(made)
    return trace


class Traffic:
    """Clients that ask one after the other, and keep what they were answered."""

    def __init__(self, key: str, endpoint: str) -> None:
        self.key, self.endpoint = key, endpoint
        self.answered: dict[str, int] = {}
        self.broken = 0
        self.refused = 0
        # Set as the gateway is killed: its end takes the kernel a moment, in which it still takes connections that
        # nobody will read.
        self.killed = False

    async def ask(self, url: str, number: int, clients: int = 8) -> None:
        """So many requests; one whose connection is not taken was not accepted, and one that breaks off was."""
        body = {"model": self.endpoint, "messages": [{"role": "user", "content": "hello"}]}
        left = iter(range(number))
        headers = {"authorization": f"Bearer {self.key}"}
        async with aiohttp.ClientSession(headers=headers, trace_configs=[_new_connections()]) as session:

            async def client() -> None:
                for _ in left:
                    about: dict[str, bool] = {}
                    try:
                        async with session.post(
                            f"{url}/v1/chat/completions", json=body, trace_request_ctx=about
                        ) as answer:
                            await answer.read()
                            self.answered[answer.headers["x-stanchion-request-id"]] = answer.status
                    except aiohttp.ClientConnectorError:
                        self.refused += 1
                        return
                    except aiohttp.ClientError:
                        if self.killed and about.get("new"):
                            self.refused += 1
                            return
                        self.broken += 1

            await asyncio.gather(*(client() for _ in range(clients)))
