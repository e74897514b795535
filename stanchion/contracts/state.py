"""What the stack that holds Pulumi's own state publishes."""

from typing import ClassVar

from stanchion.contracts.contract import Contract, Published


class StateLocation(Published):
    """Where state can be read and decrypted in one region."""

    region: str
    bucket: str
    backend_url: str
    key_arn: str


class StateOutputs(Contract):
    """Pulumi's own state, in both regions.

    `secrets_provider` names the key by alias and no region: the engine asks the one in AWS_REGION, so that a stack's
    settings stay as they are when the primary region is gone.
    """

    layer: ClassVar[str] = "state"
    contract_version: ClassVar[str] = "1.0.0"

    secrets_provider: str
    primary: StateLocation
    standby: StateLocation
