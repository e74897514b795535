"""The rows, one module per service; a module is loaded when a resource of its types is met."""

from functools import cache
from importlib import import_module

from sandbox.provider.row import Row

# Module of pulumi_aws to module of rows: the second is looked for in the first's types.
MODULES = {
    "s3": ("s3", "s3_protection", "s3_lifecycle", "s3_flows"),
    "kms": ("kms",),
    "iam": ("iam", "iam_profiles"),
    "sns": ("sns",),
    "sqs": ("sqs",),
    "ec2": ("ec2", "ec2_gateways", "ec2_routes", "ec2_groups", "ec2_endpoints", "ec2_capacity", "ec2_templates"),
    "vpc": ("ec2_rules",),
    "ecr": ("ecr",),
    "backup": ("backup", "backup_recorded"),
    "eks": ("eks", "eks_node_groups", "eks_add_ons", "eks_access"),
    "lb": ("lb", "lb_listeners"),
    "wafv2": ("wafv2",),
    "batch": ("batch",),
    "scheduler": ("scheduler",),
    "cloudwatch": ("cloudwatch", "logs", "events"),
    "dynamodb": ("dynamodb",),
    "appconfig": ("appconfig",),
    "secretsmanager": ("secretsmanager",),
    "lambda": ("lambda_", "lambda_layers", "lambda_callers"),
    "kinesis": ("firehose",),
    "glue": ("glue",),
    "athena": ("athena",),
    "elasticache": ("elasticache",),
}


@cache
def rows_of(module: str) -> dict[str, Row]:
    """The rows of one module of this package, by token."""
    loaded = import_module(f"{__name__}.{module}")
    return {row.type: row for row in loaded.ROWS}


def find(token: str) -> Row | None:
    """The row of a type, or None."""
    chapter = token.removeprefix("aws:").partition("/")[0]
    return next((rows[token] for module in MODULES.get(chapter, ()) if token in (rows := rows_of(module))), None)


def all_rows() -> dict[str, Row]:
    """Every row, by token."""
    found: dict[str, Row] = {}
    for module in dict.fromkeys(module for modules in MODULES.values() for module in modules):
        found.update(rows_of(module))
    return found
