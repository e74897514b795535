"""The cloud as one provider instance sees it: its configuration, clients by service and region, and the account."""

import os
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.provider.errors import ConfigurationError, ProviderError

_REGION = re.compile(r"^[a-z]{2}(-[a-z]+)+-\d$")


@dataclass(frozen=True)
class Settings:
    """The provider's configuration, checked."""

    region: str
    allowed_accounts: frozenset[str] = frozenset()
    forbidden_accounts: frozenset[str] = frozenset()
    default_tags: Mapping[str, str] = field(default_factory=dict)
    endpoints: Mapping[str, str] = field(default_factory=dict)
    access_key: str = ""
    secret_key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    profile: str = ""
    max_attempts: int = 5


def settings_from(config: Mapping[str, Any]) -> Settings:
    """The settings of a provider's configuration; what it leaves out comes from the environment, as botocore has it.

    Raises:
        ConfigurationError: there is no region, or it is none.
    """
    region = config.get("region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not isinstance(region, str):
        raise ConfigurationError("the aws provider has no region: set `region` on it, or AWS_REGION in the environment")
    if not config.get("skipRegionValidation") and not is_region(region):
        raise ConfigurationError(f"invalid AWS Region: '{region}'; a region looks like us-east-1")
    tags = config.get("defaultTags") or {}
    endpoints: dict[str, str] = {}
    for entry in config.get("endpoints") or []:
        endpoints.update({service: url for service, url in entry.items() if isinstance(url, str)})
    return Settings(
        region=region,
        allowed_accounts=_accounts(config.get("allowedAccountIds")),
        forbidden_accounts=_accounts(config.get("forbiddenAccountIds")),
        default_tags={str(key): str(value) for key, value in (tags.get("tags") or {}).items()},
        endpoints=endpoints,
        access_key=str(config.get("accessKey", "")),
        secret_key=str(config.get("secretKey", "")),
        token=str(config.get("token", "")),
        profile=str(config.get("profile", "")),
        max_attempts=int(config.get("maxRetries", 5)),
    )


def is_region(name: str) -> bool:
    """Whether a region of this name can exist; which ones do is the cloud's to say."""
    return _REGION.match(name) is not None


def _accounts(value: Iterable[Any] | None) -> frozenset[str]:
    return frozenset(str(account) for account in value or ())


class Cloud:
    """Clients and identity of one provider instance; safe to use from many threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._session: Any = None
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.RLock()
        self._account: str | None = None
        self._models: dict[str, Any] = {}
        # Set when the engine wants to stop: nobody then waits for a resource any longer.
        self.cancelled = threading.Event()

    @property
    def region(self) -> str:
        """The region of resources that name none."""
        return self.settings.region

    @property
    def partition(self) -> str:
        """The ARN partition of the region."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    def client(self, service: str, region: str | None = None) -> Any:
        """A client, made once for each service and region."""
        key = (service, region or self.region)
        client = self._clients.get(key)
        if client is None:
            with self._lock:
                client = self._clients.get(key) or self._create_client(*key)
                self._clients[key] = client
        return client

    def _create_client(self, service: str, region: str) -> Any:
        from botocore.config import Config

        settings = self.settings
        return self._botocore().create_client(
            service,
            region_name=region,
            endpoint_url=settings.endpoints.get(service),
            aws_access_key_id=settings.access_key or None,
            aws_secret_access_key=settings.secret_key or None,
            aws_session_token=settings.token or None,
            config=Config(
                connect_timeout=10,
                read_timeout=60,
                max_pool_connections=32,
                retries={"mode": "standard", "total_max_attempts": settings.max_attempts},
                # Bucket names in host names need a DNS that a local address does not have.
                s3={"addressing_style": "path"},
            ),
        )

    def _botocore(self) -> Any:
        # Imported on first use: it takes as long as everything else in the process.
        if self._session is None:
            import botocore.session

            from sandbox.provider.loader import ServiceLoader

            self._session = botocore.session.Session(profile=self.settings.profile or None)
            self._session.register_component("data_loader", ServiceLoader())
        return self._session

    def model(self, service: str) -> Any:
        """The service's model: its operations and their shapes."""
        with self._lock:
            if service not in self._models:
                self._models[service] = self._botocore().get_service_model(service)
            return self._models[service]

    @property
    def account(self) -> str:
        """The account the credentials belong to, asked for once."""
        if self._account is None:
            self._account = str(self.call("sts", "get_caller_identity")["Account"])
        return self._account

    def call(self, service: str, operation: str, region: str | None = None, /, **request: Any) -> dict[str, Any]:
        """One request, outside of any resource.

        Raises:
            ProviderError: a sentence with operation, code and message.
        """
        try:
            return getattr(self.client(service, region), operation)(**request)
        except Exception as error:
            raise ProviderError(sentence(error, operation)) from error

    def check_account(self) -> None:
        """Refuses an account that the configuration does not allow.

        Raises:
            ConfigurationError: the credentials belong to another account.
        """
        settings = self.settings
        if not settings.allowed_accounts and not settings.forbidden_accounts:
            return
        if settings.allowed_accounts and self.account not in settings.allowed_accounts:
            allowed = ", ".join(sorted(settings.allowed_accounts))
            raise ConfigurationError(
                f"AWS account {self.account} is not allowed: allowedAccountIds has {allowed}. "
                "Use credentials of that account, or correct the accounts of the environment. Nothing was changed"
            )
        if self.account in settings.forbidden_accounts:
            raise ConfigurationError(
                f"AWS account {self.account} is forbidden by forbiddenAccountIds: use credentials of another account. "
                "Nothing was changed"
            )


def code_of(error: BaseException) -> str:
    """The code of a service's error; "" for every other error."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


def sentence(error: BaseException, operation: str, token: str = "") -> str:
    """An error of botocore as a sentence; values of properties do not appear in it unless the service quotes them."""
    of = f" for {token}" if token else ""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        details = response.get("Error", {})
        return f"{operation}{of} was refused: {details.get('Code', 'unknown')}: {details.get('Message', 'no message')}"
    name = type(error).__name__
    if name == "EndpointConnectionError":
        return f"{operation}{of} found nobody at the cloud's address; is the local cloud running? ({error})"
    if name == "NoCredentialsError":
        return f"{operation}{of} has no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    return f"{operation}{of} failed: {name}: {error}"
