"""Installs our providers where the engine looks for the official ones."""

import importlib.metadata
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from sandbox.engine.launchers import write_script
from sandbox.run_directory import CHECKOUT

# The module that takes the place of each official provider; its SDK, `pulumi_<name>`, says the version.
PLUGINS: Mapping[str, str] = {
    "aws": "sandbox.provider.plugin",
    "kubernetes": "sandbox.kubernetes_provider.plugin",
}


def install_plugins(pulumi_home: Path) -> list[Path]:
    """Write each plugin's launcher into the engine's home, under the version of the installed SDK.

    Returns:
        The launchers.
    """
    return [_install(pulumi_home, name, module) for name, module in PLUGINS.items()]


def _install(pulumi_home: Path, name: str, module: str) -> Path:
    version = importlib.metadata.version(f"pulumi_{name}")
    folder = pulumi_home / "plugins" / f"resource-{name}-v{version}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    launcher = folder / f"pulumi-resource-{name}"
    checkout, python = shlex.quote(str(CHECKOUT)), shlex.quote(sys.executable)
    find = f"PYTHONPATH={checkout}${{PYTHONPATH:+:$PYTHONPATH}}\nexport PYTHONPATH\n"
    write_script(launcher, f'{find}exec {python} -m {module} "$@"\n')
    return launcher
