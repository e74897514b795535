import importlib.metadata
import os
import subprocess
from pathlib import Path

from sandbox.provider_plugin import PLUGINS, install_plugins


def test_the_engine_finds_each_plugin_under_the_version_of_its_sdk(tmp_path: Path):
    launchers = install_plugins(tmp_path)
    assert {each.relative_to(tmp_path) for each in launchers} == {
        Path("plugins") / f"resource-{name}-v{importlib.metadata.version(f'pulumi_{name}')}" / f"pulumi-resource-{name}"
        for name in PLUGINS
    }
    assert install_plugins(tmp_path) == launchers, "again does no harm"


def test_a_launcher_starts_its_provider_from_anywhere(tmp_path: Path):
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for launcher in install_plugins(tmp_path):
        process = subprocess.Popen(
            [launcher, "127.0.0.1:1"], cwd=tmp_path, env=variables, stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None
            assert int(process.stdout.readline()) > 0
        finally:
            process.terminate()
            process.communicate()
