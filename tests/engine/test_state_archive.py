"""`stanchion state save` and `restore`: the state goes into the bucket and comes back into an empty backend."""

import copy
import json
import re
import sys
from pathlib import Path

import pytest

from tests.engine.project import Answer, Project


@pytest.fixture
def saved(project: Project):
    """The state stack, which is up and saved; its URL."""
    stack = project.stack("state")
    project.stanchion("up", "--yes", "--stack", stack).ok()
    project.pulumi("config", "set", "--secret", "app:token", "sealed", "--stack", stack).ok()
    answer = project.stanchion("state", "save").ok()
    yield re.findall(r"s3://\S+", answer.out)[-1]
    project.stanchion("destroy", "--yes", "--stack", stack).ok()


def elsewhere(project: Project, backend: Path) -> Project:
    """The same project with an empty backend."""
    other = copy.copy(project)
    other.variables = {**project.variables, "PULUMI_BACKEND_URL": f"file://{backend}"}
    return other


def restore(project: Project, *arguments: str) -> Answer:
    return project.run(sys.executable, "-m", "stanchion.cli.main", "state", "restore", *arguments)


def test_a_saved_state_comes_back_into_an_empty_backend_with_nothing_to_change(
    project: Project, saved: str, tmp_path_factory: pytest.TempPathFactory
):
    stack = project.stack("state")
    empty = elsewhere(project, tmp_path_factory.mktemp("empty"))
    # A stack that is there already is never overwritten.
    assert "has" in (refused := restore(project, saved)).out
    assert refused.code == 2
    assert "resources in this backend" in " ".join(refused.out.split())
    # The document in the project is not the one that was saved: nothing is done.
    project.edit("owner: platform", "owner: others")
    assert restore(empty, saved).code == 2
    assert json.loads(empty.pulumi("stack", "ls", "--json").out) == []
    project.edit("owner: others", "owner: platform")
    # A file that is not what it was: nothing is done.
    bucket, key = saved.removeprefix("s3://").split("/", 1)
    s3 = project.client("s3")
    name = f"{key}/stacks/exports/{stack}.json"
    content = s3.get_object(Bucket=bucket, Key=name)["Body"].read()
    s3.put_object(Bucket=bucket, Key=name, Body=content.replace(b"urn:pulumi", b"urn:pulomi", 1))
    damaged = restore(empty, saved)
    assert damaged.code == 2
    assert f"exports/{stack}.json has SHA-256" in " ".join(damaged.out.split())
    s3.put_object(Bucket=bucket, Key=name, Body=content)
    # The settings were lost together with the backend: they come back with the salt the secrets belong to.
    settings = project.folder / f"stacks/config/Pulumi.{stack}.yaml"
    as_saved = settings.read_bytes()
    settings.unlink()
    restore(empty, saved).ok()
    assert settings.read_bytes() == as_saved
    empty.pulumi("preview", "--stack", stack, "--expect-no-changes").ok()
    assert empty.pulumi("config", "get", "app:token", "--stack", stack).ok().out.strip() == "sealed"
    assert saved in project.stanchion("state", "list").ok().out
