"""Container repositories whose images can't be overwritten, are scanned, and go when nobody can want them back."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import Component


@dataclass
class ContainerRegistryArgs:
    """Args of `ContainerRegistry`.

    Args:
        environment: the environment's name; repositories are called `<environment>/<name>`.
        repositories: their names without the environment.
        key_arn: ARN of the region's KMS key.
        keep: leave repositories and images in the cloud when the stack goes.
        alarm_topics: topics of the region.
        dead_letter_arn: a queue that keeps findings that could not be told to the topic.
        untagged_days: age at which images without a tag go.
        keep_tagged: how many tagged images stay, the newest. A rollback can go back no further.
        restore_time: how long the team takes to deploy the image before, such as `30m`.
    """

    environment: str
    repositories: list[str]
    key_arn: pulumi.Input[str]
    keep: bool
    alarm_topics: AlarmTopicsArgs
    dead_letter_arn: pulumi.Input[str] | None = None
    untagged_days: int = 14
    keep_tagged: int = 500
    restore_time: str | None = None


class ContainerRegistry(Component):
    """Repositories with immutable tags, a scan of every push, the region's key, and a lifecycle.

    Each region declares the same repositories by name: replication would otherwise create them on arrival with the
    registry's defaults, that is with tags that can be moved, another key and no lifecycle.

    A lifecycle rule does not know which image is in service. It counts pushes, so `keep_tagged` is generous: an image
    that is among the last 500 of its repository is never removed.

    Cost: 0.10 USD per GB-month in each region (us-east-1, from memory); layers that images share are stored once.
    Recovery: no image, no start: the standby pulls from its own registry, filled by `RegistryReplication`, most images
        within 30 minutes (ECR user guide). An image that was never replicated blocks recovery.
    """

    def __init__(self, name: str, args: ContainerRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.repositories = {repository: self._repository(repository, args) for repository in args.repositories}
        self.lifecycles = {repository: self._lifecycle(repository, args) for repository in args.repositories}
        self.rules = {rule: self._rule(rule, pattern, args) for rule, pattern in _patterns(args.environment).items()}
        self.register_outputs(
            {"urls": {name: repository.repository_url for name, repository in self.repositories.items()}}
        )

    def _repository(self, repository: str, args: ContainerRegistryArgs) -> aws.ecr.Repository:
        return aws.ecr.Repository(
            f"{self.name}-{repository}",
            name=f"{args.environment}/{repository}",
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[
                aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="KMS", kms_key=args.key_arn)
            ],
            force_delete=not args.keep,
            tags={**self.shared(), **self.restored_within(args.restore_time)},
            opts=self.kept(args.keep),
        )

    def _lifecycle(self, repository: str, args: ContainerRegistryArgs) -> aws.ecr.LifecyclePolicy:
        untagged = {
            "rulePriority": 1,
            "description": "images that a later push took the tag from, or that never had one",
            "selection": {
                "tagStatus": "untagged",
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": args.untagged_days,
            },
            "action": {"type": "expire"},
        }
        tagged = {
            "rulePriority": 2,
            "description": "tagged images beyond the newest ones",
            "selection": {
                "tagStatus": "tagged",
                "tagPatternList": ["*"],
                "countType": "imageCountMoreThan",
                "countNumber": args.keep_tagged,
            },
            "action": {"type": "expire"},
        }
        return aws.ecr.LifecyclePolicy(
            f"{self.name}-{repository}",
            repository=self.repositories[repository].name,
            policy=json.dumps({"rules": [untagged, tagged]}),
            opts=self.kept(args.keep),
        )

    def _rule(self, rule: str, pattern: dict[str, Any], args: ContainerRegistryArgs) -> aws.cloudwatch.EventRule:
        event_rule = aws.cloudwatch.EventRule(
            f"{self.name}-{rule}",
            description=f"Container images: {rule.replace('-', ' ')}.",
            event_pattern=json.dumps(pattern),
            tags=self.shared(),
            opts=self.child(),
        )
        dead_letter = None
        if args.dead_letter_arn is not None:
            dead_letter = aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=args.dead_letter_arn)
        aws.cloudwatch.EventTarget(
            f"{self.name}-{rule}",
            rule=event_rule.name,
            arn=args.alarm_topics.of(Severity.WARNING),
            dead_letter_config=dead_letter,
            opts=self.child(),
        )
        self.alarm(
            f"{rule}-untold",
            signal=Signal.ERRORS,
            # The warning topic is what could not be reached.
            severity=Severity.CRITICAL,
            metric=Metric("AWS/Events", "FailedInvocations", {"RuleName": event_rule.name}),
            threshold=0,
            comparison=Comparison.ABOVE,
            missing_data=MissingData.NOT_BREACHING,
            runbook="container-images",
            description="An event about a container image could not be told to the warning topic.",
        )
        return event_rule


def _patterns(environment: str) -> dict[str, dict[str, Any]]:
    """What is worth a warning, as EventBridge patterns; all of it is silent otherwise (ECR user guide, events)."""
    ours = [{"prefix": f"{environment}/"}]
    scan = {"source": ["aws.ecr"], "detail-type": ["ECR Image Scan"]}
    replication = {"source": ["aws.ecr"], "detail-type": ["ECR Replication Action"]}
    return {
        "critical-findings": {
            **scan,
            "detail": {"repository-name": ours, "finding-severity-counts": {"CRITICAL": [{"numeric": [">", 0]}]}},
        },
        "scan-failed": {**scan, "detail": {"repository-name": ours, "scan-status": ["FAILED"]}},
        "replication-failed": {
            **replication,
            "detail": {"repository-name": ours, "result": [{"anything-but": "SUCCESS"}]},
        },
    }
