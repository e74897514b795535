"""The function that makes the key of hashes, against Secrets Manager as moto has it."""

import boto3
import pytest
from moto import mock_aws

from functions.hash_keys.handler import handler
from stanchion.events.hash_keys import HashKeySettings, hash_key_secret, key_of

NAME = hash_key_secret("prod")


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        **HashKeySettings(NAME).variables(),
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


def test_a_secret_without_a_value_gets_a_key_and_keeps_it():
    client = boto3.client("secretsmanager")
    client.create_secret(Name=NAME)
    first = handler({}, None)
    assert first["made"]
    text = client.get_secret_value(SecretId=NAME)["SecretString"]
    key = key_of(text)
    assert key.id == first["id"]
    assert len(key.secret) == 32
    assert handler({}, None) == {"made": False, "id": None}
    assert client.get_secret_value(SecretId=NAME)["SecretString"] == text


def test_an_old_key_is_followed_by_another_one(monkeypatch: pytest.MonkeyPatch):
    client = boto3.client("secretsmanager")
    client.create_secret(
        Name=NAME, SecretString='{"id": "a", "secret": "QUJDREVGR0hJSktMTU5PUA==", "made": "2020-01-01T00:00:00+00:00"}'
    )
    made = handler({}, None)
    assert made["made"]
    assert key_of(client.get_secret_value(SecretId=NAME)["SecretString"]).id == made["id"] != "a"


def test_a_secret_that_is_not_there_is_an_error_and_makes_none():
    with pytest.raises(Exception, match="ResourceNotFoundException"):
        handler({}, None)
