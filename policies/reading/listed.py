"""Whether a list names somebody."""

from stanchion.graph import SECRET, ResourceGraph, Setting, Unsettled
from stanchion.recovery.survival import Condition


def names_somebody(graph: ResourceGraph, setting: Setting) -> Condition:
    """Whether a list has an entry; of one that is unknown as a whole, the edges tell.

    Args:
        graph: the program.
        setting: a list of ARNs or addresses. A secret one has been written by somebody, so it is not empty.
    """
    if setting.value is SECRET:
        return True
    each = setting.each()
    if isinstance(each, Unsettled):
        return True if graph.reference(setting).resources else each
    return any(item.value not in (None, "") for item in each)
