"""Application Recovery Controller: routing controls that people switch, zonal shift, region switch plans.

A routing control moves traffic only through a health check that a DNS record uses; the step is Route 53's, the time
until somebody has switched it is the team's. How long a zonal shift takes is published as "a few minutes", and a plan
states an objective and no measurement: both are noted and count for nothing.
"""

from collections.abc import Iterator
from typing import Final

from stanchion.graph import Resource, ResourceGraph
from stanchion.recovery.declared import restore_term
from stanchion.recovery.findings import Finding, Note
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.mechanisms.load_balancing import LOAD_BALANCERS
from stanchion.recovery.term import Term

ROUTING_CONTROL: Final = "aws:route53recoverycontrol/routingControl:RoutingControl"
HEALTH_CHECK: Final = "aws:route53/healthCheck:HealthCheck"
AUTOSHIFT: Final = "aws:arczonalshift/zonalAutoshiftConfiguration:ZonalAutoshiftConfiguration"
PLAN: Final = "aws:arcregionswitch/plan:Plan"

_ZONAL = (
    "moving traffic out of a zone is said to take a few minutes and needs capacity that runs in the other zones "
    "already, so zonal shift counts for nothing here"
)


def switched(graph: ResourceGraph, check: Resource) -> Term:
    """Until somebody has switched the routing control that a health check follows.

    Args:
        graph: the program.
        check: a health check of type RECOVERY_CONTROL; its tag stanchion:restore says how long the team takes.
    """
    control = graph.reference(check.at("routingControlArn"), ROUTING_CONTROL).one
    name = f"routing control '{control.name}'" if control else "its routing control"
    return restore_term(graph, check, f"somebody switches {name}")


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Notes on what counts for nothing, and why."""
    for control in graph.of_type(ROUTING_CONTROL):
        if not graph.referring(control, "routingControlArn", HEALTH_CHECK):
            text = f"no health check of the program follows routing control '{control.name}'"
            yield Note(control.urn, f"{text}, so switching it moves no traffic")
    for balancer in graph.of_type(*LOAD_BALANCERS):
        if balancer.at("enableZonalShift").flag(False) is True:
            yield Note(balancer.urn, f"load balancer '{balancer.name}' allows zonal shift: {_ZONAL}")
    for configuration in graph.of_type(AUTOSHIFT):
        if configuration.at("zonalAutoshiftStatus").text() == "ENABLED":
            text = f"zonal autoshift '{configuration.name}' starts when AWS sees a zone impaired, with no time stated"
            yield Note(configuration.urn, f"{text}: {_ZONAL}")
    for plan in graph.of_type(PLAN):
        text = f"region switch plan '{plan.name}' states an objective and no measurement, so it counts for nothing here"
        yield Note(plan.urn, text)


MECHANISM = Mechanism("arc", find, reads=frozenset({ROUTING_CONTROL, HEALTH_CHECK, AUTOSHIFT, PLAN}))
