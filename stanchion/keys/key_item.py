"""What is kept of a key, and how it lies in the table. A key belongs to one team and one use case, and has limits.

One use case, because costs and quotas are told by it; a team that does two things takes two keys. What is revoked or
has expired stays in the table: events name the key, and somebody will ask whose it was.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from stanchion.errors import StanchionError
from stanchion.serving.gateway_configuration import Quota

State = Literal["active", "expired", "revoked"]
# As boto3's client writes an item.
Attributes = dict[str, dict[str, Any]]
_LIMITS = TypeAdapter(tuple[Quota, ...])


class KeyItemError(StanchionError):
    """An item of the table that is no key."""


class KeyItem(BaseModel):
    """One key, without its secret.

    Args:
        id: of the key.
        digest: SHA-256 of its secret, in hexadecimal.
        team: whom it belongs to.
        use_case: what it is for; endpoints of other use cases refuse it.
        created_at: when, in UTC.
        limits: on what may be used with it, on top of those of the endpoints.
        endpoints: that it may ask; all of its use case when empty.
        expires_at: from when on it is refused; None for never.
        revoked_at: since when it is refused; None while it is not revoked.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    digest: str
    team: str
    use_case: str
    created_at: datetime
    limits: tuple[Quota, ...] = ()
    endpoints: tuple[str, ...] = ()
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> State:
        """Whether it is taken at a time."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and now >= self.expires_at else "active"

    def allows(self, endpoint: str, use_case: str) -> bool:
        """Whether an endpoint may be asked with it.

        Args:
            endpoint: its name.
            use_case: what the endpoint is for.
        """
        return use_case == self.use_case and (not self.endpoints or endpoint in self.endpoints)

    @property
    def attributes(self) -> Attributes:
        """As it lies in the table."""
        item: Attributes = {name: {"S": getattr(self, name)} for name in ("id", "digest", "team", "use_case")}
        item["created_at"] = _time(self.created_at)
        item["limits"] = {"S": _LIMITS.dump_json(self.limits).decode()}
        item["endpoints"] = {"L": [{"S": name} for name in self.endpoints]}
        for name, value in (("expires_at", self.expires_at), ("revoked_at", self.revoked_at)):
            if value is not None:
                item[name] = _time(value)
        return item

    @classmethod
    def read(cls, item: Mapping[str, Mapping[str, Any]]) -> "KeyItem":
        """From the table.

        Raises:
            KeyItemError: it is not one.
        """
        try:
            plain: dict[str, Any] = {name: value["S"] for name, value in item.items() if "S" in value}
            plain["limits"] = _LIMITS.validate_json(plain.get("limits", "[]"))
            plain["endpoints"] = tuple(each["S"] for each in item.get("endpoints", {"L": []})["L"])
            return cls.model_validate(plain)
        except (ValidationError, KeyError, TypeError):
            # What pydantic says has the value in it, and one of them is the digest.
            raise KeyItemError(
                f"the key {item.get('id', {}).get('S', 'without an id')!r} in the table can't be read; "
                "revoke it and create another one."
            ) from None


def _time(value: datetime) -> dict[str, str]:
    return {"S": value.astimezone(UTC).isoformat()}
