"""What costs by the hour has a budget."""

from collections.abc import Iterable

from policies.reading.examples import single
from policies.rule import Example, Group, Level, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import GraphBuilder, ResourceGraph

BUDGET = "aws:budgets/budget:Budget"
# What is paid for while it runs, whether it is used or not.
COMPUTE = (
    "aws:ec2/instance:Instance",
    "aws:ec2/fleet:Fleet",
    "aws:autoscaling/group:Group",
    "aws:eks/cluster:Cluster",
    "aws:eks/nodeGroup:NodeGroup",
    "aws:ecs/service:Service",
    "aws:sagemaker/endpoint:Endpoint",
    "aws:sagemaker/notebookInstance:NotebookInstance",
    "aws:batch/computeEnvironment:ComputeEnvironment",
    "aws:emr/cluster:Cluster",
    "aws:redshift/cluster:Cluster",
    "aws:rds/instance:Instance",
    "aws:rds/clusterInstance:ClusterInstance",
    "aws:opensearch/domain:Domain",
)


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """A program that runs machines while neither it nor its context has a budget."""
    machines = program.of_type(*COMPUTE)
    if machines and not program.graph.of_type(BUDGET):
        kinds = sorted({machine.kind for machine in machines})
        yield Violation(
            f"The program runs {len(machines)} resource(s) that cost by the hour ({', '.join(kinds)}), and has no "
            "budget."
        )


def _with_budget() -> ResourceGraph:
    builder = GraphBuilder()
    builder.add(COMPUTE[0], "worker", {})
    builder.add(BUDGET, "search", {"budgetType": "COST"})
    return builder.graph()


RULE = Rule(
    id="cost-budget-present",
    group=Group.COST,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    description="A program that runs machines has a budget, in itself or in a stack of its context.",
    remediation="Add an aws.budgets.Budget, or name the stack that holds it in the configuration's context.",
    source="decision: each environment has budgets",
    check=check,
    passing=(
        Example("a budget beside the machine", _with_budget),
        Example("nothing runs", lambda: single("aws:sns/topic:Topic", "alarms", {})),
    ),
    failing=(Example("a machine without budget", lambda: single(COMPUTE[0], "worker", {}), ("",)),),
)
