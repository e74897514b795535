"""The outputs of each layer: what other stacks, and other teams, may rely on."""

from stanchion.contracts.contract import UNKNOWN, Contract, ContractError, Published, contains_unknown
from stanchion.contracts.foundation import FoundationOutputs
from stanchion.contracts.links import LinksOutputs
from stanchion.contracts.state import StateOutputs

CONTRACTS: dict[str, type[Contract]] = {
    contract.layer: contract for contract in (StateOutputs, FoundationOutputs, LinksOutputs)
}

__all__ = [
    "CONTRACTS",
    "UNKNOWN",
    "Contract",
    "ContractError",
    "FoundationOutputs",
    "LinksOutputs",
    "Published",
    "StateOutputs",
    "contains_unknown",
]
