import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError

from sandbox.provider.cloud import Cloud, Settings, code_of, sentence, settings_from
from sandbox.provider.errors import ConfigurationError, ProviderError
from tests.unit.provider.cloud_stub import StubCloud, refused


def identity(account: str) -> dict:
    return {"get_caller_identity": {"Account": account}}


def test_an_account_that_is_not_allowed_is_refused_with_a_sentence() -> None:
    cloud = StubCloud(identity("999999999999"), allowed_accounts=frozenset({"111122223333"}))
    with pytest.raises(
        ConfigurationError, match=r"account 999999999999 is not allowed.*111122223333.*Nothing was changed"
    ):
        cloud.check_account()


def test_a_forbidden_account_is_refused() -> None:
    cloud = StubCloud(identity("999999999999"), forbidden_accounts=frozenset({"999999999999"}))
    with pytest.raises(ConfigurationError, match="forbidden"):
        cloud.check_account()


def test_the_right_account_is_asked_for_once() -> None:
    cloud = StubCloud(identity("111122223333"), allowed_accounts=frozenset({"111122223333"}))
    cloud.check_account()
    assert cloud.account == "111122223333"
    assert cloud.operations() == ["get_caller_identity"]


def test_nobody_is_asked_when_every_account_is_allowed() -> None:
    cloud = StubCloud()
    cloud.check_account()
    assert not cloud.calls


def test_settings_come_from_the_configuration_and_then_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert settings_from({}).region == "eu-west-1"
    settings = settings_from(
        {
            "region": "us-west-2",
            "allowedAccountIds": ["111122223333"],
            "defaultTags": {"tags": {"a": 1}},
            "endpoints": [{"s3": "http://localhost:1", "sqs": "http://localhost:2"}],
        }
    )
    assert settings.region == "us-west-2"
    assert settings.allowed_accounts == {"111122223333"}
    assert settings.default_tags == {"a": "1"}
    assert settings.endpoints == {"s3": "http://localhost:1", "sqs": "http://localhost:2"}


def test_no_region_and_a_region_that_is_none_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(ConfigurationError, match="no region"):
        settings_from({})
    with pytest.raises(ConfigurationError, match="invalid AWS Region: 'moon'"):
        settings_from({"region": "moon"})
    assert settings_from({"region": "moon", "skipRegionValidation": True}).region == "moon"


def test_secrets_are_not_in_the_settings_text() -> None:
    settings = Settings(region="us-east-1", secret_key="hunter2", token="hunter2")
    assert "hunter2" not in repr(settings)


def test_one_client_for_each_service_and_region() -> None:
    cloud = Cloud(Settings(region="us-east-1", access_key="test", secret_key="test"))
    assert cloud.client("sqs") is cloud.client("sqs", "us-east-1")
    assert cloud.client("sqs") is not cloud.client("sqs", "us-west-2")
    assert cloud.client("sqs", "us-west-2").meta.region_name == "us-west-2"


@pytest.mark.parametrize(
    ("region", "partition"), [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_the_partition_follows_the_region(region: str, partition: str) -> None:
    assert Cloud(Settings(region=region)).partition == partition


def test_errors_are_sentences() -> None:
    error = refused("AccessDenied", "not you")
    assert sentence(error, "create_topic", "aws:sns/topic:Topic") == (
        "create_topic for aws:sns/topic:Topic was refused: AccessDenied: not you"
    )
    assert code_of(error) == "AccessDenied"
    assert code_of(ValueError("x")) == ""
    assert "is the local cloud running?" in sentence(EndpointConnectionError(endpoint_url="http://localhost:1"), "x")
    assert "AWS_ACCESS_KEY_ID" in sentence(NoCredentialsError(), "x")
    assert "ValueError" in sentence(ValueError("odd"), "x")


def test_a_refused_call_outside_of_resources_is_a_sentence_too() -> None:
    with pytest.raises(ProviderError, match="get_caller_identity was refused: ExpiredToken"):
        StubCloud({"get_caller_identity": refused("ExpiredToken")}).call("sts", "get_caller_identity")
