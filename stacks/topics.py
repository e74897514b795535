"""The alarm topics of a region, for the layers whose components have alarms.

By itself, since each import of a service's module costs every preview of a layer that needs none of it.
"""

from components.alarm import AlarmTopicsArgs
from stacks.needs import LayerOutputs
from stanchion.contracts import FoundationOutputs


def topics_of(foundation: LayerOutputs[FoundationOutputs]) -> AlarmTopicsArgs:
    """The alarm topics of a region."""
    return AlarmTopicsArgs(
        critical=foundation.output(lambda f: f.topics.critical),
        warning=foundation.output(lambda f: f.topics.warning),
        info=foundation.output(lambda f: f.topics.info),
    )
