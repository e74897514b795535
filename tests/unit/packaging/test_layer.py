"""The layer: made once for the same requirements, without what differs between machines, within Lambda's size."""

import zipfile
from pathlib import Path

import pytest

from stanchion.packaging import layer as module
from stanchion.packaging.archive import PackagingError
from stanchion.packaging.layer import LayerOf, build_layer, uv_install

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    file = tmp_path / "functions.txt"
    file.write_text("boto3==1.0 --hash=sha256:00\n")
    return file


def installed(layer: LayerOf, folder: Path) -> None:
    """As uv leaves a folder."""
    for name in (
        "boto3/__init__.py",
        "boto3/__pycache__/__init__.cpython-313.pyc",
        "boto3-1.0.dist-info/METADATA",
        "boto3-1.0.dist-info/RECORD",
        "boto3-1.0.dist-info/INSTALLER",
        "bin/tool",
        ".lock",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def test_packages_lie_where_lambda_looks_for_them(lock: Path, tmp_path: Path):
    with zipfile.ZipFile(build_layer(LayerOf(lock, "arm64", "3.13"), tmp_path / "out", install=installed)) as archive:
        assert archive.namelist() == ["python/boto3-1.0.dist-info/METADATA", "python/boto3/__init__.py"]
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_the_same_requirements_are_installed_once(lock: Path, tmp_path: Path):
    calls: list[LayerOf] = []

    def counted(layer: LayerOf, folder: Path) -> None:
        calls.append(layer)
        installed(layer, folder)

    wanted = LayerOf(lock, "arm64", "3.13")
    first = build_layer(wanted, tmp_path, install=counted)
    assert build_layer(wanted, tmp_path, install=counted) == first
    assert len(calls) == 1
    others = {build_layer(LayerOf(lock, "x86_64", "3.13"), tmp_path, install=counted)}
    others.add(build_layer(LayerOf(lock, "arm64", "3.12"), tmp_path, install=counted))
    lock.write_text("boto3==1.1 --hash=sha256:11\n")
    others.add(build_layer(wanted, tmp_path, install=counted))
    assert len(others | {first}) == len(calls) == 4


def test_what_lambda_does_not_take_is_refused_with_the_largest_packages(
    lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "LARGEST_BYTES", 3 << 20)

    def large(layer: LayerOf, folder: Path) -> None:
        (folder / "numpy").mkdir()
        (folder / "numpy/data").write_bytes(bytes(2 << 20))

    wanted = LayerOf(lock, "arm64", "3.13")
    with pytest.raises(
        PackagingError, match=r"have 2 MiB unzipped and the largest function 1 MiB; .* Largest: numpy 2 MiB"
    ):
        build_layer(wanted, tmp_path / "out", code_bytes=(1 << 20) + 1, install=large)
    assert list((tmp_path / "out").iterdir()) == []
    assert build_layer(wanted, tmp_path / "out", code_bytes=1 << 20, install=large).is_file()


def test_requirements_that_are_not_there_are_a_sentence(tmp_path: Path):
    with pytest.raises(PackagingError, match="can't be read: No such file"):
        build_layer(LayerOf(tmp_path / "gone.txt", "arm64", "3.13"), tmp_path)


def test_requirements_without_hashes_are_refused_by_uv_and_leave_nothing(tmp_path: Path):
    lock = tmp_path / "functions.txt"
    lock.write_text("boto3==1.43.106\n")
    with pytest.raises(PackagingError, match=r"can't be installed for arm64 and Python 3\.13: "):
        build_layer(LayerOf(lock, "arm64", "3.13"), tmp_path / "out", install=uv_install)
    assert list((tmp_path / "out").iterdir()) == []


def test_the_committed_requirements_are_those_of_the_platform():
    """Functions are tested with what the local environment has."""

    def pins(name: str) -> set[str]:
        lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
        return {line.split()[0].split(";")[0] for line in lines if line and line[0].isalnum()}

    functions = pins("functions.txt")
    assert functions <= pins("local.txt")
    assert {pin.partition("==")[0] for pin in functions} >= {"boto3", "botocore", "pydantic", "pydantic-core"}
