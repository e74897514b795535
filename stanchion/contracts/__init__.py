"""The outputs of each layer: what other stacks, and other teams, may rely on."""

from stanchion.contracts.cluster import ClusterOutputs
from stanchion.contracts.contract import UNKNOWN, Contract, ContractError, Published, contains_unknown
from stanchion.contracts.control import ControlOutputs
from stanchion.contracts.foundation import FoundationOutputs
from stanchion.contracts.links import LinksOutputs
from stanchion.contracts.serving import ServingOutputs
from stanchion.contracts.state import StateOutputs

CONTRACTS: dict[str, type[Contract]] = {
    contract.layer: contract
    for contract in (StateOutputs, FoundationOutputs, LinksOutputs, ClusterOutputs, ControlOutputs, ServingOutputs)
}

__all__ = [
    "CONTRACTS",
    "UNKNOWN",
    "ClusterOutputs",
    "Contract",
    "ContractError",
    "ControlOutputs",
    "FoundationOutputs",
    "LinksOutputs",
    "Published",
    "ServingOutputs",
    "StateOutputs",
    "contains_unknown",
]
