"""What the function that writes a region's routing document may do."""

from typing import Any

import pulumi

from components.serving.routing_configuration import RoutingConfiguration


def routing_writer_statements(routing: RoutingConfiguration, key_arn: pulumi.Input[str]) -> list[dict[str, Any]]:
    """It reads all intents, and brings versions of one profile into service in one environment of AppConfig.

    Args:
        routing: the table of intents and the profile.
        key_arn: ARN of the region's KMS key, with which both are encrypted.
    """
    application = routing.application.arn
    profile, environment = routing.profile.arn, routing.environment.arn
    return [
        {"Effect": "Allow", "Action": "dynamodb:Scan", "Resource": routing.intents.arn},
        {
            "Effect": "Allow",
            "Action": [
                "appconfig:CreateHostedConfigurationVersion",
                "appconfig:ListHostedConfigurationVersions",
            ],
            "Resource": [application, profile],
        },
        {
            "Effect": "Allow",
            "Action": [
                "appconfig:GetHostedConfigurationVersion",
                "appconfig:DeleteHostedConfigurationVersion",
            ],
            "Resource": [
                application,
                profile,
                pulumi.Output.concat(profile, "/hostedconfigurationversion/*"),
            ],
        },
        {"Effect": "Allow", "Action": "appconfig:ListDeployments", "Resource": [application, environment]},
        {
            "Effect": "Allow",
            "Action": ["appconfig:GetDeployment", "appconfig:StartDeployment", "appconfig:StopDeployment"],
            "Resource": [
                application,
                environment,
                profile,
                routing.strategy.arn,
                pulumi.Output.concat(environment, "/deployment/*"),
            ],
        },
        {
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": key_arn,
            "Condition": {"StringLike": {"kms:ViaService": ["appconfig.*.amazonaws.com", "dynamodb.*.amazonaws.com"]}},
        },
    ]
