"""The platform side of a gateway on the local cloud, by the real engine: it is made, it does its part, and it goes."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from tests.engine.conftest import unique_name
from tests.engine.project import CHECKOUT, run_command

pytestmark = pytest.mark.engine

REGION, OTHER = "us-west-2", "us-east-1"
ENVIRONMENT = unique_name("gateway platform")
SECRET = "a-key-of-hashes"
ASKED = "SELECT count(DISTINCT event_id) AS events, sum(latency_ms) AS ms, min(hour) >= '00' AS hours"
PATIENCE = 60  # seconds until what is asynchronous has to be done


class Stack:
    """The deployed program.

    Args:
        folder: of the project.
        variables: that lead to the local cloud and its engine.
    """

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self.folder, self.variables = folder, variables
        settings = {
            "name": "platform",
            "runtime": {"name": "python", "options": {"virtualenv": str(Path(sys.executable).parent.parent)}},
        }
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        program = Path(__file__).with_name("gateway_platform_program.py")
        (folder / "__main__.py").write_text(program.read_text(encoding="utf-8"), encoding="utf-8")
        (folder / "lib").mkdir()
        (folder / "lib/__init__.py").write_text("OTHER = ' and the archive'\n", encoding="utf-8")
        (folder / "layer/python").mkdir(parents=True)
        (folder / "layer/python/shared.py").write_text("WORD = 'the layer'\n", encoding="utf-8")
        (folder / "state").mkdir()
        self.run("stack", "init", "s")
        self.run("config", "set", "app:environment", ENVIRONMENT)
        self.run("config", "set", "app:endpoint", variables["AWS_ENDPOINT_URL"])
        self.run("config", "set", "--secret", "app:hash", SECRET)

    def run(self, *arguments: str) -> str:
        command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
        return run_command(command, self.folder, self.variables).ok().out

    def outputs(self) -> dict[str, Any]:
        return json.loads(self.run("stack", "output", "--json"))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, engine: dict[str, str]) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("platform")
    variables = {**engine, "PULUMI_BACKEND_URL": f"file://{folder}/state", "PYTHONPATH": str(CHECKOUT)}
    made = Stack(folder, variables)
    # With its preview, in which next to nothing is known yet.
    made.run("up", "--yes")
    try:
        yield made
    finally:
        made.run("destroy", "--yes", "--skip-preview")


@pytest.fixture(scope="module")
def outputs(stack: Stack) -> dict[str, Any]:
    return stack.outputs()


@pytest.fixture(scope="module")
def client(engine: dict[str, str]) -> Callable[..., Any]:
    def made(service: str, region: str = REGION) -> Any:
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=engine["AWS_ENDPOINT_URL"],
            aws_access_key_id=engine["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=engine["AWS_SECRET_ACCESS_KEY"],
        )

    return made


def eventually(question: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (answer := question()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
    return answer


def test_nothing_changes_when_nothing_changed(stack: Stack) -> None:
    stack.run("preview", "--refresh", "--expect-no-changes")


def test_a_function_runs_with_its_layer_and_all_its_files(outputs: dict[str, Any], client: Callable[..., Any]) -> None:
    answer = client("lambda").invoke(FunctionName=outputs["function"], Payload=b"{}")
    assert json.loads(answer["Payload"].read()) == {"said": "the layer and the archive"}


def test_an_intent_starts_the_function(outputs: dict[str, Any], client: Callable[..., Any]) -> None:
    item = {"endpoint": {"S": "chat"}, "source": {"S": "operator"}, "epoch": {"N": "1"}}
    client("dynamodb").put_item(TableName=outputs["intents"], Item=item)
    sqs = client("sqs")
    found = eventually(lambda: sqs.receive_message(QueueUrl=outputs["called"]).get("Messages"))
    assert found[0]["Body"] == "chat"


def test_a_document_is_published_and_read(outputs: dict[str, Any], client: Callable[..., Any]) -> None:
    config, data = client("appconfig"), client("appconfigdata")
    where = {"ApplicationId": outputs["application"], "ConfigurationProfileId": outputs["profile"]}
    version = config.create_hosted_configuration_version(
        **where, Content=b'{"epoch": 1}', ContentType="application/json"
    )
    config.start_deployment(
        **where,
        EnvironmentId=outputs["app_config_environment"],
        DeploymentStrategyId=outputs["strategy"],
        ConfigurationVersion=str(version["VersionNumber"]),
    )
    session = data.start_configuration_session(
        ApplicationIdentifier=f"{ENVIRONMENT}-routing",
        EnvironmentIdentifier=REGION,
        ConfigurationProfileIdentifier="routing",
    )
    answer = data.get_latest_configuration(ConfigurationToken=session["InitialConfigurationToken"])
    assert answer["Configuration"].read() == b'{"epoch": 1}'


def test_events_can_be_asked_for_by_their_hour(outputs: dict[str, Any], client: Callable[..., Any]) -> None:
    lines = [json.dumps({"event_id": str(number), "latency_ms": 1.5}) + "\n" for number in range(6)]
    records = [{"Data": "".join(lines[:4]).encode()}, {"Data": "".join(lines[4:]).encode()}]
    client("firehose").put_record_batch(DeliveryStreamName=outputs["stream"], Records=records)
    athena = client("athena")
    query = f"{ASKED} FROM {outputs['table']} WHERE dt >= '2026-01-01'"
    started = athena.start_query_execution(
        QueryString=query,
        QueryExecutionContext={"Database": outputs["database"]},
        WorkGroup=outputs["workgroup"],
    )["QueryExecutionId"]

    def done() -> Any:
        state = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]
        assert state["State"] != "FAILED", state
        return state["State"] == "SUCCEEDED"

    eventually(done)
    rows = athena.get_query_results(QueryExecutionId=started)["ResultSet"]["Rows"]
    assert [cell["VarCharValue"] for cell in rows[1]["Data"]] == ["6", "9.0", "true"]


def test_a_key_that_is_made_here_holds_in_the_other_region(outputs: dict[str, Any], client: Callable[..., Any]) -> None:
    client("dynamodb").put_item(TableName=outputs["keys"], Item={"id": {"S": "k-1"}})
    there = client("dynamodb", OTHER)
    found = eventually(lambda: there.get_item(TableName=outputs["keys"], Key={"id": {"S": "k-1"}}).get("Item"))
    assert found == {"id": {"S": "k-1"}}


def test_a_changed_file_is_a_changed_function(
    stack: Stack, outputs: dict[str, Any], client: Callable[..., Any]
) -> None:
    (stack.folder / "lib/__init__.py").write_text("OTHER = ' and a new archive'\n", encoding="utf-8")
    said = stack.run("up", "--yes", "--skip-preview")
    assert "1 updated" in said
    answer = client("lambda").invoke(FunctionName=outputs["function"], Payload=b"{}")
    assert json.loads(answer["Payload"].read()) == {"said": "the layer and a new archive"}


def test_a_secrets_value_is_nowhere_in_plain_text(stack: Stack) -> None:
    for file in stack.folder.rglob("*"):
        if file.is_file():
            assert SECRET.encode() not in file.read_bytes(), file


def test_a_table_that_somebody_changed_is_put_back(
    stack: Stack, outputs: dict[str, Any], client: Callable[..., Any]
) -> None:
    dynamodb = client("dynamodb")
    dynamodb.update_continuous_backups(
        TableName=outputs["intents"], PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    assert "1 updated" in stack.run("up", "--yes", "--skip-preview", "--refresh")
    found = dynamodb.describe_continuous_backups(TableName=outputs["intents"])["ContinuousBackupsDescription"]
    assert found["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
