"""docs/bootstrap.md, step by step: state moves into its own bucket, and is read in the standby without the primary."""

import json
from pathlib import Path

import pytest

from sandbox import cloud
from sandbox.front_door.faults import Effect, Fault
from tests.engine.project import Answer, Project, run_command
from tests.engine.test_foundation import until

PRIMARY, STANDBY = "us-east-1", "us-west-2"


def test_the_bootstrap_order_and_a_decryption_in_the_standby_region(
    project: Project, tmp_path_factory: pytest.TempPathFactory, local_cloud: dict[str, str]
):
    stack = project.stack("state")
    disk = tmp_path_factory.mktemp("bootstrap")

    def pulumi(*arguments: str, backend: str, region: str, passphrase: str | None) -> Answer:
        variables = {**project.variables, "PULUMI_BACKEND_URL": backend, "AWS_REGION": region}
        variables.pop("PULUMI_CONFIG_PASSPHRASE", None)
        if passphrase is not None:
            variables["PULUMI_CONFIG_PASSPHRASE"] = passphrase
        return run_command(["pulumi", *arguments, "--non-interactive", "--color", "never"], project.folder, variables)

    def on_disk(*arguments: str) -> Answer:
        return pulumi(*arguments, backend=f"file://{disk}", region=PRIMARY, passphrase="first").ok()

    # 1. on the local disk
    on_disk("stack", "init", stack, "--secrets-provider", "passphrase")
    on_disk("config", "set", "--secret", "app:token", "sealed-by-passphrase", "--stack", stack)
    on_disk("up", "--yes", "--skip-preview", "--stack", stack)
    published = json.loads(on_disk("stack", "output", "state", "--json", "--stack", stack).out)
    checkpoint = tmp_path_factory.mktemp("export") / "state.json"
    on_disk("stack", "export", "--stack", stack, "--file", str(checkpoint))

    # The local cloud has one address for all buckets, so the path has to name them.
    primary = published["primary"]["backend_url"] + "&s3ForcePathStyle=true"
    standby = published["standby"]["backend_url"] + "&s3ForcePathStyle=true"

    config_file = project.folder / f"stacks/config/Pulumi.{stack}.yaml"
    on_disk_settings = config_file.read_text(encoding="utf-8")

    # 2. into its own bucket
    def moved(*arguments: str, passphrase: str | None = None) -> Answer:
        return pulumi(*arguments, backend=primary, region=PRIMARY, passphrase=passphrase).ok()

    moved("stack", "init", stack, "--secrets-provider", "passphrase", passphrase="first")
    moved("stack", "import", "--stack", stack, "--file", str(checkpoint), passphrase="first")

    # 3. to the key
    moved("stack", "change-secrets-provider", "--stack", stack, published["secrets_provider"], passphrase="first")
    moved("preview", "--stack", stack, "--expect-no-changes")
    settings = config_file.read_text(encoding="utf-8")
    assert f"secretsprovider: {published['secrets_provider']}" in settings
    assert "sealed-by-passphrase" not in settings

    # In the standby region, with the primary's lost: the replica of the bucket, and the replica of the key.
    def in_standby(*arguments: str) -> Answer:
        return pulumi(*arguments, backend=standby, region=STANDBY, passphrase=None)

    until(lambda: stack in in_standby("stack", "ls", "--all").out, "the checkpoint in the standby's bucket")
    control = cloud.control(Path(local_cloud["STANCHION_SANDBOX_DIR"]))
    control.add(Fault(Effect.DROP, region=PRIMARY))
    try:
        assert pulumi("stack", "ls", backend=primary, region=PRIMARY, passphrase=None).code != 0
        exported = json.loads(in_standby("stack", "export", "--stack", stack).ok().out)
        assert any(r["type"] == "stanchion:continuity:StateBackend" for r in exported["deployment"]["resources"])
        assert in_standby("config", "get", "app:token", "--stack", stack).ok().out.strip() == "sealed-by-passphrase"
    finally:
        control.heal()

    # A stack can't remove the bucket that its own state lies in: it goes from the disk again.
    config_file.write_text(on_disk_settings, encoding="utf-8")
    on_disk("destroy", "--yes", "--skip-preview", "--stack", stack)
