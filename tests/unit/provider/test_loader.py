"""The loader knows what the original knows, without opening every service's folder."""

from pathlib import Path

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from sandbox.provider.loader import ServiceLoader


def test_it_knows_every_service_of_the_original() -> None:
    assert set(Loader().list_available_services("service-2")) <= set(
        ServiceLoader().list_available_services("service-2")
    )


def test_a_model_is_the_originals() -> None:
    assert ServiceLoader().load_service_model("sqs", "service-2") == Loader().load_service_model("sqs", "service-2")


def test_a_service_that_does_not_exist_is_the_same_error() -> None:
    with pytest.raises(UnknownServiceError):
        ServiceLoader().load_service_model("nonsense", "service-2")


def test_it_opens_the_folder_of_no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    original = Path.iterdir

    def watched(folder: Path):
        opened.append(folder)
        return original(folder)

    monkeypatch.setattr(Path, "iterdir", watched)
    ServiceLoader().list_available_services("service-2")
    assert {folder.name for folder in opened} <= {"data", "models"}
