"""What the stack that holds Pulumi's own state publishes."""

from typing import ClassVar

from stanchion.contracts.contract import Contract, Published


class StateLocation(Published):
    """Where state can be read and decrypted in one region."""

    region: str
    bucket: str
    backend_url: str
    key_arn: str
    secrets_provider: str


class StateOutputs(Contract):
    """Pulumi's own state, in both regions."""

    layer: ClassVar[str] = "state"
    contract_version: ClassVar[str] = "1.0.0"

    primary: StateLocation
    standby: StateLocation
