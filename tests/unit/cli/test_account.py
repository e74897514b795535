"""Credentials of another account are refused with the place in the document."""

from pathlib import Path

import pytest
from moto import mock_aws

from stanchion.cli.account import refuse_wrong_account
from stanchion.errors import StanchionError
from stanchion.spec import SpecError, load_environment

CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@mock_aws
def test_another_account_is_named_with_its_line():
    # moto's account is 123456789012.
    with pytest.raises(SpecError) as error:
        refuse_wrong_account(load_environment("example", CHECKOUT), CHECKOUT)
    (problem,) = error.value.problems
    text = (CHECKOUT / "environments/example.yaml").read_text(encoding="utf-8").splitlines()
    assert problem.line is not None
    assert "111122223333" in text[problem.line - 1]
    assert problem.key == "accounts.workload"
    assert "'111122223333' is not the account of the credentials, '123456789012'" in problem.message


@mock_aws
def test_the_documents_account_passes():
    spec = load_environment("example", CHECKOUT)
    own = spec.model_copy(update={"accounts": spec.accounts.model_copy(update={"workload": "123456789012"})})
    refuse_wrong_account(own, CHECKOUT)


def test_a_cloud_that_does_not_answer_is_a_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StanchionError, match=r"can't be asked in either region .us-east-1: .*; us-west-2: "):
        refuse_wrong_account(load_environment("example", CHECKOUT), CHECKOUT)
