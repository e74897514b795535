"""A secret stays one: in previews, in state, in outputs, in the provider's messages, in logs."""

import sys
from pathlib import Path

import yaml

from tests.engine.project import run_command

SECRET = "correct-horse-battery"
PROGRAM = """
import pulumi
import pulumi_aws as aws

secret = pulumi.Config("app").require_secret("password")
provider = aws.Provider("west", region="us-west-2")
topic = aws.sns.Topic("told", display_name=secret, opts=pulumi.ResourceOptions(provider=provider))
pulumi.export("name", topic.display_name)
broken = pulumi.Config("app").get_bool("broken")
if broken:
    name = secret.apply(lambda value: value + ".?")
    aws.sqs.Queue("broken", name=name, opts=pulumi.ResourceOptions(provider=provider))
"""


def test_a_secret_appears_nowhere_in_plain_text(tmp_path: Path, local_cloud: dict[str, str], engine: dict[str, str]):
    settings = {
        "name": "secrets",
        "runtime": {"name": "python", "options": {"virtualenv": str(Path(sys.executable).parent.parent)}},
    }
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (tmp_path / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "state").mkdir()
    variables = {**engine, "PULUMI_BACKEND_URL": f"file://{tmp_path}/state"}
    said = ""

    def pulumi(*arguments: str, code: int | None = 0) -> None:
        nonlocal said
        answer = run_command(["pulumi", *arguments, "--non-interactive", "--color", "never"], tmp_path, variables)
        assert code is None or answer.code == code, answer.out
        said += answer.out

    pulumi("stack", "init", "s")
    pulumi("config", "set", "--secret", "app:password", SECRET)
    pulumi("preview", "--diff")
    pulumi("preview", "--json")
    pulumi("up", "--yes", "--skip-preview", "--logtostderr", "-v=5")
    pulumi("stack", "output", "--json")
    pulumi("stack", "export")
    pulumi("config", "set", "app:broken", "true")
    pulumi("up", "--yes", "--skip-preview", code=None)
    pulumi("config", "rm", "app:broken")
    pulumi("destroy", "--yes", "--skip-preview")
    assert "[secret]" in said
    assert SECRET not in said
    for file in [*tmp_path.rglob("*"), *Path(local_cloud["STANCHION_SANDBOX_DIR"]).glob("logs/*")]:
        if file.is_file() and file.suffix != ".py":
            assert SECRET.encode() not in file.read_bytes(), file
