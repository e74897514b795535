"""The base of every component: its type token, its tags, the options of its children, its alarms."""

from typing import Any

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal

RUNBOOKS = "docs/runbooks"


class Component(pulumi.ComponentResource):
    """A component of the platform, `stanchion:<chapter>:<Class>`; the chapter is the folder the class lies in.

    A rename or a move changes the token and so the URN of everything inside: give the component an alias
    (`aliases=[pulumi.Alias(type_=...)]`) and extend `PREVIOUS_TOKENS`, which the tests hold against the state.
    """

    # A type comment, since Pulumi's component analyzer takes every annotation for an output and fails on ClassVar.
    PREVIOUS_TOKENS = ()  # type: tuple[str, ...]

    def __init__(self, name: str, args: Any, opts: pulumi.ResourceOptions | None = None) -> None:
        own = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_=token) for token in self.PREVIOUS_TOKENS])
        super().__init__(self.token(), name, None, pulumi.ResourceOptions.merge(own, opts))
        self.name = name
        self._alarm_topics: AlarmTopicsArgs | None = getattr(args, "alarm_topics", None)
        self.alarms: dict[str, aws.cloudwatch.MetricAlarm] = {}

    @classmethod
    def token(cls) -> str:
        """The type token, from where the class lies: `stanchion:storage:TieredBucket` for one in components/storage."""
        chapter = cls.__module__.split(".")[1]
        return f"stanchion:{chapter}:{cls.__name__}"

    def child(self, **options: Any) -> pulumi.ResourceOptions:
        """Options of a child: this parent and what is said here, nothing merged from the parent's own options."""
        return pulumi.ResourceOptions(parent=self, **options)

    def kept(self, keep: bool, **options: Any) -> pulumi.ResourceOptions:
        """Options of a child that holds data, or without which kept data is unreadable or unprotected.

        Args:
            keep: protect it from replacement and deletion, and leave it in the cloud when the stack goes.
        """
        return self.child(protect=keep, retain_on_delete=keep, **options)

    def owned_by(self, workload: str, tier: str) -> dict[str, str]:
        """Tags of what one workload owns; recovery objectives are looked up by them."""
        return {"stanchion:workload": workload, "stanchion:tier": tier}

    def shared(self) -> dict[str, str]:
        """Tags of what several workloads use; the resource graph derives which, and takes the strictest tier."""
        return {"stanchion:shared": "true"}

    def disposable(self) -> dict[str, str]:
        """Tags of what may be lost: recovery estimates leave it out and list it."""
        return {"stanchion:data": "disposable"}

    def record(self) -> dict[str, str]:
        """Tags of what is kept for the record: its loss counts, but no recovery waits until it can be read again."""
        return {"stanchion:data": "record"}

    def backed_up(self, plan: str | None) -> dict[str, str]:
        """Tags by which a backup plan takes a resource; none where there is no plan.

        Args:
            plan: `<environment>-<tier>`, since plans select by tag in the whole account.
        """
        return {} if plan is None else {"stanchion:backup": plan}

    def restored_within(self, time: str | None) -> dict[str, str]:
        """Tags of data for which the team declares how long putting it back takes, such as `30m`; none if it doesn't.

        Nobody publishes such a figure, and without one every RTO that needs the data is unknown.
        """
        return {} if time is None else {"stanchion:restore": time}

    def replica_key_tag(self, alias_arn: pulumi.Input[str]) -> dict[str, pulumi.Input[str]]:
        """Tags that say which key a replica in another region has, which has no ARN before its own stack is deployed.

        Args:
            alias_arn: ARN of an alias of that key.
        """
        return {"stanchion:replica-key": alias_arn}

    def alarm(
        self,
        name: str,
        *,
        signal: Signal,
        severity: Severity,
        metric: Metric,
        threshold: float,
        comparison: Comparison,
        missing_data: MissingData,
        runbook: str,
        description: str,
        periods: int = 1,
        topics: AlarmTopicsArgs | None = None,
        region: str | None = None,
    ) -> aws.cloudwatch.MetricAlarm:
        """An alarm born with what it watches; it notifies the topic of its severity on ALARM and on OK.

        Args:
            name: what is wrong when it fires, in kebab case; the component's name is put before it.
            threshold: in the metric's unit.
            missing_data: what silence of the metric means.
            runbook: a file in docs/runbooks, without `.md`; the alarm's description ends with its path.
            description: one sentence for the person who is woken up.
            periods: how many periods in a row have to breach.
            topics: those of the args if None; a component that spans regions names the region's own.
            region: only for stacks that span regions.

        Raises:
            ValueError: the component's args have no `alarm_topics`.
        """
        topics = topics or self._alarm_topics
        if topics is None:
            raise ValueError(
                f"{type(self).__name__} '{self.name}' declares alarm '{name}' but its args have no alarm_topics"
            )
        topic = topics.of(severity)
        alarm = aws.cloudwatch.MetricAlarm(
            f"{self.name}-{name}",
            alarm_description=f"{description} Signal: {signal.value}. Runbook: {RUNBOOKS}/{runbook}.md",
            namespace=metric.namespace,
            metric_name=metric.name,
            dimensions=metric.dimensions,
            # A percentile goes into another property of the API than the plain statistics.
            statistic=None if metric.statistic.startswith("p") else metric.statistic,
            extended_statistic=metric.statistic if metric.statistic.startswith("p") else None,
            period=metric.period,
            evaluation_periods=periods,
            threshold=threshold,
            comparison_operator=comparison.value,
            treat_missing_data=missing_data.value,
            alarm_actions=[topic],
            ok_actions=[topic],
            region=region,
            tags={**self.shared(), "stanchion:signal": signal.value, "stanchion:severity": severity.value},
            opts=self.child(),
        )
        self.alarms[name] = alarm
        return alarm
