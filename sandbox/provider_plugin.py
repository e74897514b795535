"""Installs our `aws` provider where the engine looks for the official one."""

import importlib.metadata
import shlex
import sys
from pathlib import Path

from sandbox.engine.launchers import write_script
from sandbox.run_directory import CHECKOUT

_PLUGIN = "pulumi-resource-aws"


def install_plugin(pulumi_home: Path) -> Path:
    """Write the plugin's launcher into the engine's home, under the version of the installed SDK.

    Returns:
        The launcher.
    """
    version = importlib.metadata.version("pulumi_aws")
    folder = pulumi_home / "plugins" / f"resource-aws-v{version}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    launcher = folder / _PLUGIN
    checkout, python = shlex.quote(str(CHECKOUT)), shlex.quote(sys.executable)
    find = f"PYTHONPATH={checkout}${{PYTHONPATH:+:$PYTHONPATH}}\nexport PYTHONPATH\n"
    write_script(launcher, f'{find}exec {python} -m sandbox.provider.plugin "$@"\n')
    return launcher
