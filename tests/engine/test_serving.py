"""Clusters and what they serve in two regions, on the real engine and real control planes, from preview to a lost zone.

One environment is brought up once and worked on by every test of this module, in order. Nodes are fake: pods are
scheduled for real and run in name only.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox.kubernetes import binaries
from sandbox.kubernetes.api import Api
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.nodes import FakeNodes
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.run_directory import DIRECTORY_VARIABLE, RunDirectory
from stanchion.contracts import ClusterOutputs, ControlOutputs, ServingOutputs
from stanchion.serving import gateway_metrics
from stanchion.serving.slots import FIELD_MANAGER, NAMESPACE
from tests.engine.conftest import unique_name
from tests.engine.deployed_gateway import Gateways
from tests.engine.project import Project, changes

# A machine on which the control plane was never built builds it here.
pytestmark = pytest.mark.timeout(3600)

PRIMARY, STANDBY = "us-east-1", "us-west-2"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
SLOT = "digits-full-blue"
FLOOR, BURST = f"{SLOT}-floor", f"{SLOT}-burst"
REPLICAS = 14
JOB = Path(__file__).with_name("batch_job.py")
ZONE = "topology.kubernetes.io/zone"
CAPACITY = "karpenter.sh/capacity-type"
QUESTION = {"inputs": [{"name": "pixels", "datatype": "FP32", "shape": [1, 64], "data": [0.0] * 64}]}


class Serving:
    """The environment, and the clusters of its two regions."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.key = ""
        directory = RunDirectory(Path(project.variables[DIRECTORY_VARIABLE]))
        self.apis = {
            region: Api.from_kubeconfig(PlaneFolder(directory.planes / region / project.environment).kubeconfig)
            for region in project.regions
        }

    def outputs(self, layer: str, region: str) -> dict[str, Any]:
        return self.project.outputs(self.project.stack(layer, region))[layer]

    def up(self, region: str, *arguments: str) -> dict[str, int]:
        """Update the serving stack of a region; what the engine changed."""
        stack = self.project.stack("serving", region)
        answer = self.project.pulumi("up", "--yes", "--skip-preview", *arguments, "--stack", stack).ok()
        return {operation: count for operation, count in changes(answer).items() if operation != "unchanged"}

    def nodes(self, region: str = PRIMARY) -> dict[str, dict[str, str]]:
        """Labels by node."""
        found = self.apis[region].items("/api/v1/nodes")
        return {each["metadata"]["name"]: each["metadata"]["labels"] for each in found}

    def ready(self, deployment: str, region: str = PRIMARY) -> list[dict[str, Any]]:
        """Pods of a Deployment that serve."""
        slot, _, share = deployment.rpartition("-")
        endpoint, variant, color = slot.rsplit("-", 2)
        selected = {
            "stanchion.dev/endpoint": endpoint,
            "stanchion.dev/variant": variant,
            "stanchion.dev/slot": color,
            "stanchion.dev/capacity": share,
        }
        pods = self.apis[region].items(PODS, labelSelector=",".join(f"{k}={v}" for k, v in selected.items()))
        return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"] and serves(pod)]

    def people(self, *arguments: str) -> str:
        """What a command for people says."""
        return self.project.run(sys.executable, "-m", "stanchion.cli.main", *arguments).ok().out

    def scale(self, deployment: str, replicas: int) -> None:
        """As an autoscaler does."""
        self.apis[PRIMARY].patch(f"{DEPLOYMENTS}/{deployment}/scale", {"spec": {"replicas": replicas}})


def serves(pod: dict[str, Any]) -> bool:
    conditions = pod["status"].get("conditions") or []
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def until(condition: Callable[[], Any], what: str, seconds: float = 60) -> float:
    """Wait for a condition; the seconds that took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, f"not within {seconds} s: {what}"
        time.sleep(0.1)
    return time.monotonic() - begun


@pytest.fixture(scope="module", autouse=True)
def _programs() -> None:
    binaries.build(binaries.CONTROL_PLANE, print)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, local_cloud: dict[str, str]) -> Project:
    layers = ("foundation", "links", "cluster", "control", "serving")
    return Project(tmp_path_factory.mktemp("serving"), local_cloud, unique_name(__name__), layers)


@pytest.fixture(scope="module")
def serving(empty: Project) -> Iterator[Serving]:
    """Everything up; `up` itself previews all stacks first, before there is any cluster."""
    begun = time.monotonic()
    # What stands for the container of batch jobs here, and a schedule that is due when it is made.
    words = json.dumps([sys.executable, str(JOB), "--input", "Ref::input", "--output", "Ref::output"])
    command = 'command: [score, "Ref::input", "Ref::output"]'
    empty.edit(command, f"{command}\n    local_command: {words}")
    empty.edit('schedule: "cron(0 3 * * ? *)"', 'schedule: "rate(1 hour)"')
    empty.stanchion("up", "--yes").ok()
    print(f"foundation, cluster and serving of two regions were up after {time.monotonic() - begun:.0f} s")
    yield Serving(empty)
    # What a foundation leaves is asked in test_foundation.py.
    stacks = [empty.stack(layer, region) for layer in ("serving", "control", "cluster") for region in empty.regions]
    empty.stanchion("destroy", "--yes", *(part for stack in stacks for part in ("--stack", stack))).ok()
    directory = RunDirectory(Path(empty.variables[DIRECTORY_VARIABLE]))
    left = [directory.planes / region / empty.environment for region in empty.regions]
    until(lambda: not any(folder.exists() for folder in left), "the control planes are gone with their clusters")


def test_both_regions_publish_what_others_read(serving: Serving):
    for region in (PRIMARY, STANDBY):
        stack = serving.project.stack("cluster", region)
        cluster = ClusterOutputs.arrive(serving.outputs("cluster", region), producer=stack, consumer="test")
        assert cluster.access.endpoint == f"https://{serving.apis[region].host}:{serving.apis[region].port}"
        assert cluster.entry is not None
        assert set(cluster.entry.targets) == {"standard"}
        assert set(cluster.batch) == {"digits-nightly"}
        assert set(cluster.roles) == {"digits"}
        served = ServingOutputs.arrive(serving.outputs("serving", region), producer=stack, consumer="test")
        digits = served.endpoints["digits"]
        assert set(digits.variants) == ({"full", "quantized"} if region == PRIMARY else {"full"})
        for variant in digits.variants.values():
            assert set(variant.slots) == {"blue", "green"}
            for slot in variant.slots.values():
                assert serving.apis[region].get(f"/api/v1/namespaces/{NAMESPACE}/services/{slot.service}")


def test_a_batch_job_reads_its_prefix_and_writes_each_record_once(serving: Serving):
    endpoint = ClusterOutputs.arrive(serving.outputs("cluster", PRIMARY), producer="p", consumer="c").batch[
        "digits-nightly"
    ]
    batch, s3 = (serving.project.client(service, PRIMARY) for service in ("batch", "s3"))
    (definition,) = batch.describe_job_definitions(jobDefinitions=[endpoint.job_definition_arn])["jobDefinitions"]
    places = {name: urlsplit(definition["parameters"][name]) for name in ("input", "output")}
    bucket, prefix = places["input"].netloc, places["input"].path.strip("/")
    keys = [f"{prefix}/{part}.txt" for part in range(3)]
    for part, key in enumerate(keys):
        s3.put_object(Bucket=bucket, Key=key, Body="\n".join(map(str, range(part * 20, part * 20 + 20))).encode())
    s3.put_object(Bucket=bucket, Key=f"{prefix}/parts.json", Body=json.dumps(keys).encode())

    def job_of(identity: str) -> dict[str, Any]:
        return batch.describe_jobs(jobs=[identity])["jobs"][0]

    job = batch.submit_job(jobName="by-hand", jobQueue=endpoint.queue_arn, jobDefinition=endpoint.job_definition_arn)[
        "jobId"
    ]
    until(lambda: job_of(job)["status"] in ("SUCCEEDED", "FAILED"), "the job has ended")
    assert job_of(job)["status"] == "SUCCEEDED", job_of(job)
    target, output = places["output"].netloc, places["output"].path.strip("/")
    manifest = json.loads(s3.get_object(Bucket=target, Key=f"{output}/manifest.json")["Body"].read())
    written = [s3.get_object(Bucket=target, Key=key)["Body"].read().splitlines() for key in manifest["parts"]]
    assert [json.loads(line)["record"] for lines in written for line in lines] == list(range(60))


def test_the_schedule_of_a_batch_endpoint_submits_its_jobs_in_the_primary_region_only(serving: Serving):
    submitted: dict[str, list[dict[str, Any]]] = {}
    for region in (PRIMARY, STANDBY):
        outputs = ClusterOutputs.arrive(serving.outputs("cluster", region), producer="p", consumer="c")
        batch, queue = serving.project.client("batch", region), outputs.batch["digits-nightly"].queue_arn
        summaries = [
            each
            for status in ("RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED")
            for each in batch.list_jobs(jobQueue=queue, jobStatus=status)["jobSummaryList"]
        ]
        identities = [each["jobId"] for each in summaries if each["jobName"].endswith("-scheduled")]
        submitted[region] = batch.describe_jobs(jobs=identities)["jobs"] if identities else []
    assert submitted[STANDBY] == []
    assert submitted[PRIMARY]
    # The job knows which run it is.
    assert all(job["parameters"]["scheduled"].endswith("Z") for job in submitted[PRIMARY])


def test_gateways_run_in_both_regions_and_go_by_the_document_that_the_writer_made(serving: Serving):
    for region in (PRIMARY, STANDBY):
        gateways = Gateways(serving.apis[region])
        assert len(set(gateways.addresses())) == 2
        for address in gateways.addresses():
            assert gateways.inside("/readyz", address).status == 200
        (epoch,) = gateways.epochs()
        assert epoch > 0


def test_a_request_that_no_model_answers_is_answered_by_a_person(serving: Serving):
    """Models run in name only here: what is left of the ladder is the cache, which is empty, and people."""
    gateways, name = Gateways(serving.apis[PRIMARY]), serving.project.environment
    made = serving.people("keys", "create", name, "--team", "forms", "--use-case", "reading-forms")
    serving.key = made.splitlines()[-1].strip()
    assert gateways.ask("/v2/models/digits/infer", "sk-unknown", QUESTION).status == 401
    asked = gateways.ask("/v2/models/digits/infer", serving.key, QUESTION)
    assert (asked.status, asked.rung) == (202, "human")
    ticket = asked.document["ticket"]
    assert ticket in serving.people("tickets", "list", name)
    serving.people("tickets", "take", name, ticket, "--by", "ann")
    serving.people("tickets", "answer", name, ticket, "--text", "seven")
    # Another gateway knows it as well.
    for address in gateways.addresses():
        answer = gateways.ask(f"/v1/tickets/{ticket}", serving.key, address=address)
        assert (answer.document["state"], answer.document["answer"]) == ("answered", "seven")
    # A key that was made in one region holds in the other.
    other = Gateways(serving.apis[STANDBY]).ask("/v2/models/digits/infer", serving.key, QUESTION)
    assert (other.status, other.rung) == (202, "human")


def test_an_operators_wish_reaches_every_gateway(serving: Serving):
    gateways, name = Gateways(serving.apis[PRIMARY]), serving.project.environment
    (before,) = gateways.epochs()
    elsewhere = Gateways(serving.apis[STANDBY]).epochs()
    where = ("--region", PRIMARY)
    serving.people("route", "set", name, "digits", "--rung", "human", "--reason", "repair", "--for", "1h", *where)
    took = until(lambda: min(gateways.epochs()) > before, "the gateways have the new document", 40)
    print(f"an operator's wish was in force everywhere after {took:.1f} s (polled each 15 s)")
    assert len(gateways.epochs()) == 1
    serving.people("route", "clear", name, "digits", *where)
    # The other region decides for itself.
    assert Gateways(serving.apis[STANDBY]).epochs() == elsewhere


@pytest.mark.parametrize("layer", ["cluster", "control", "serving"])
@pytest.mark.parametrize("region", [PRIMARY, STANDBY])
def test_a_second_up_changes_nothing(serving: Serving, layer: str, region: str):
    stack = serving.project.stack(layer, region)
    answer = serving.project.pulumi("up", "--yes", "--skip-preview", "--stack", stack).ok()
    assert set(changes(answer)) == {"unchanged"}, answer.out


def test_the_floor_stands_on_demand_in_several_zones_and_the_standby_has_its_own(serving: Serving):
    for region, replicas in ((PRIMARY, 2), (STANDBY, 1)):
        until(lambda r=region, n=replicas: len(serving.ready(FLOOR, r)) == n, f"the floor serves in {region}")
        nodes = serving.nodes(region)
        homes = [nodes[pod["spec"]["nodeName"]] for pod in serving.ready(FLOOR, region)]
        assert {each[CAPACITY] for each in homes} == {"on-demand"}
        assert len({each[ZONE] for each in homes}) == replicas
    # Of the other slot nothing runs until a rollout fills it.
    assert not serving.ready("digits-full-green-floor")


def test_a_changed_floor_changes_one_object(serving: Serving):
    serving.project.edit("standby: {floor: 1, rung: full}", "standby: {floor: 2, rung: full}")
    assert serving.up(STANDBY) == {"updated": 1}
    until(lambda: len(serving.ready(FLOOR, STANDBY)) == 2, "the standby's floor has grown")
    assert serving.up(STANDBY) == {}


def test_a_rolled_out_version_is_kept_by_the_next_update(serving: Serving):
    api, green = serving.apis[PRIMARY], "digits-full-green-floor"
    before = api.get(f"{DEPLOYMENTS}/{green}") or {}
    image = before["spec"]["template"]["spec"]["containers"][0]["image"].partition("@")[0] + f"@sha256:{'e' * 64}"
    version = {"stanchion.dev/version": "next"}
    container = {"name": before["spec"]["template"]["spec"]["containers"][0]["name"], "image": image}
    template = {"metadata": {"labels": version}, "spec": {"containers": [container]}}
    rolled_out = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": green, "namespace": NAMESPACE},
        "spec": {"replicas": 2, "template": template},
    }
    api.apply(rolled_out, FIELD_MANAGER, force=True)
    until(lambda: len(serving.ready(green)) == 2, "the new version serves")
    assert serving.up(PRIMARY) == {}
    assert serving.up(PRIMARY, "--refresh") == {}
    after = api.get(f"{DEPLOYMENTS}/{green}") or {}
    assert after["spec"]["replicas"] == 2
    assert after["spec"]["template"]["spec"]["containers"][0]["image"] == image
    assert after["spec"]["template"]["metadata"]["labels"]["stanchion.dev/version"] == "next"


def test_the_burst_goes_to_spot_and_the_loss_of_all_spot_leaves_the_floor(serving: Serving):
    # More than the floor's nodes have room for beside the floor: what does not fit gets nodes of its own, and on spot.
    serving.scale(BURST, REPLICAS)
    until(lambda: len(serving.ready(BURST)) == REPLICAS, "the burst serves", 90)
    nodes = serving.nodes()

    def bought(deployment: str) -> Counter[str]:
        return Counter(nodes[pod["spec"]["nodeName"]][CAPACITY] for pod in serving.ready(deployment))

    assert set(bought(FLOOR)) == {"on-demand"}
    assert bought(BURST)["spot"] > 0
    assert {labels[CAPACITY] for labels in nodes.values() if labels["stanchion.dev/capacity"] == "burst"} == {"spot"}
    spot = [name for name, labels in nodes.items() if labels[CAPACITY] == "spot"]
    lost = {pod["metadata"]["uid"] for pod in serving.ready(BURST) if pod["spec"]["nodeName"] in spot}
    fake, lowest = FakeNodes(serving.apis[PRIMARY]), len(serving.ready(FLOOR))
    begun = time.monotonic()
    for name in spot:
        fake.remove(name)

    def back() -> bool:
        nonlocal lowest
        lowest = min(lowest, len(serving.ready(FLOOR)))
        now = serving.ready(BURST)
        return len(now) == REPLICAS and not lost & {pod["metadata"]["uid"] for pod in now}

    until(back, "the burst is back", 120)
    print(f"{len(spot)} spot nodes lost at once: the burst was back after {time.monotonic() - begun:.1f} s")
    assert lowest == 2
    serving.scale(BURST, 0)


def test_a_zone_that_is_drained_and_lost_costs_one_replica_at_a_time(serving: Serving):
    fake, api = FakeNodes(serving.apis[PRIMARY]), serving.apis[PRIMARY]
    home = serving.ready(FLOOR)[0]["spec"]["nodeName"]
    zone = serving.nodes()[home][ZONE]
    gone = [name for name, labels in serving.nodes().items() if labels[ZONE] == zone]
    begun = time.monotonic()
    for name in gone:
        fake.cordon(name)
    spread, lowest = Counter[str](), 2
    for pod in api.items(PODS):
        if pod["spec"].get("nodeName") in gone:
            evict(api, pod)
            lowest = min(lowest, len(serving.ready(FLOOR)))
    until(lambda: len(serving.ready(FLOOR)) == 2, "the floor is whole in the other zones", 90)
    print(f"zone {zone} drained: the floor was whole in the others after {time.monotonic() - begun:.1f} s")
    assert lowest >= 1
    for name in gone:
        fake.remove(name)
    nodes = serving.nodes()
    spread.update(nodes[pod["spec"]["nodeName"]][ZONE] for pod in serving.ready(FLOOR))
    assert zone not in spread
    assert len(serving.ready(FLOOR)) == 2


def test_what_was_asked_is_an_event_and_a_minute_and_a_metric(serving: Serving):
    control = ControlOutputs.arrive(serving.outputs("control", PRIMARY), producer="p", consumer="c")
    athena, cloudwatch = (serving.project.client(service, PRIMARY) for service in ("athena", "cloudwatch"))

    def asked() -> int:
        # The other region's events are replicated into the same bucket; a region's minutes are of its own gateways.
        where = f"rung = 'human' AND region = '{PRIMARY}'"
        query = f"SELECT count(DISTINCT event_id) FROM {control.events.table} WHERE {where}"  # noqa: S608
        started = athena.start_query_execution(
            QueryString=query,
            QueryExecutionContext={"Database": control.events.database},
            WorkGroup=control.events.workgroup,
        )["QueryExecutionId"]
        until(lambda: _state(athena, started) in ("SUCCEEDED", "FAILED"), "the query has ended")
        assert _state(athena, started) == "SUCCEEDED"
        rows = athena.get_query_results(QueryExecutionId=started)["ResultSet"]["Rows"]
        return int(rows[1]["Data"][0]["VarCharValue"])

    until(lambda: asked() >= 1, "the event is in Athena", 90)
    table = serving.project.client("dynamodb", PRIMARY)

    def minutes() -> list[dict[str, Any]]:
        items = table.scan(TableName=control.minutes_table)["Items"]
        return [each for each in items if each.get("endpoint", {}).get("S") == "digits" and "rung" not in each]

    until(minutes, "the minute is in the table", 150)
    assert sum(int(each["requests"]["N"]) for each in minutes()) == asked()
    now = datetime.now(UTC)

    def metric() -> float:
        dimensions = {"Environment": serving.project.environment, "Endpoint": "digits"}
        points = cloudwatch.get_metric_statistics(
            Namespace=gateway_metrics.NAMESPACE,
            MetricName=gateway_metrics.REQUESTS,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(minutes=5),
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(point["Sum"] for point in points)

    until(lambda: metric() >= 1, "the metric is in CloudWatch", 90)


def _state(athena: Any, query: str) -> str:
    return athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"]


def evict(api: Api, pod: dict[str, Any]) -> None:
    """As `kubectl drain` does: asked again for as long as the disruption budget refuses."""
    name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": namespace}}

    def allowed() -> bool:
        try:
            api.create(f"/api/v1/namespaces/{namespace}/pods/{name}/eviction", eviction)
        except ApiError as error:
            if error.status not in (404, 429):
                raise
            return error.status == 404
        return True

    until(allowed, f"the budget lets {name} go", 90)
