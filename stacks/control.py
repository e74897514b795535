"""What decides and remembers beside a region's cluster: routing, events, tickets, and what looks after them."""

from typing import Any

import pulumi

from components.observability.event_stream import ColumnArgs, EventStream, EventStreamArgs
from components.serving.gateway_identity import GatewayIdentity, GatewayIdentityArgs
from components.serving.hash_keys import HashKeys, HashKeysArgs, hash_key_statements
from components.serving.response_cache import ResponseCache, ResponseCacheArgs
from components.serving.routing_configuration import RoutingConfiguration, RoutingConfigurationArgs
from components.serving.routing_writer import routing_writer_statements
from components.serving.ticket_queue import TicketQueue, TicketQueueArgs
from components.storage.bucket import TieredBucket, TieredBucketArgs
from stacks.arns import arn, key_alias_arn, table_arn
from stacks.capacity import capacity_of
from stacks.functions import Functions, Wish
from stacks.minutes import minutes
from stacks.needs import LayerOutputs, Needs, publish
from stacks.providers import provider_of
from stacks.topics import topics_of
from stanchion.contracts import ClusterOutputs, ControlOutputs, FoundationOutputs
from stanchion.events.hash_keys import HashKeySettings, hash_key_secret
from stanchion.events.table import columns
from stanchion.keys.names import key_table
from stanchion.layers import Place
from stanchion.quotas.names import quota_table
from stanchion.routing.writer_settings import WriterSettings
from stanchion.spec import Cloud, Environment
from stanchion.tickets.names import ticket_table

# Below which no partition is looked for; before the first version that wrote any.
FIRST_DAY = "2026-01-01"
EVENTS_PREFIX = "events/inference"
# Answers of Athena are read at once, and can be asked for again.
RESULT_DAYS = 7
EACH_MINUTE = "rate(1 minute)"
# Soon after the first deployment there is a key; afterwards there is next to nothing to do.
HASH_KEY_SCHEDULE = "rate(10 minutes)"

Foundation = LayerOutputs[FoundationOutputs]
Cluster = LayerOutputs[ClusterOutputs]


def build(spec: Environment, place: Place, needs: Needs) -> LayerOutputs[ControlOutputs]:
    """Build what the gateways of `place.region` write to and go by.

    Raises:
        StanchionError: the environment says nothing about capacity, or a function can't be packaged.
    """
    region = str(place.region)
    capacity_of(spec, place)
    foundation, cluster = needs.foundation(region), needs.cluster(region)
    opts = pulumi.ResourceOptions(provider=provider_of(spec, place))
    functions = Functions(spec, foundation, opts)
    routing = _routing(spec, region, foundation, opts)
    results = _results(spec, foundation, opts)
    events = _events(spec, foundation, results, opts)
    tickets = _tickets(spec, foundation, opts)
    made = {"routing_writer": _writer(spec, region, foundation, routing, functions)}
    if region == spec.regions.primary:
        made["hash_keys"] = _hash_keys(spec, foundation, needs, functions, opts)
    table, made["minute_aggregate"] = minutes(spec, region, foundation, events, EVENTS_PREFIX, results, functions, opts)
    identity = _identity(spec, region, foundation, cluster, routing, events, tickets, opts)
    return publish(
        ControlOutputs,
        {
            "account": spec.accounts.workload,
            "region": region,
            "routing": {
                "application": routing.places.application,
                "environment": routing.places.app_config_environment,
                "profile": routing.places.profile,
                "intents_table": routing.intents.name,
                "writer": made["routing_writer"],
            },
            "events": {
                "stream": events.stream.name,
                "database": events.database.name,
                "table": events.table.name,
                "workgroup": events.workgroup.name,
            },
            "tickets": {"queue_url": tickets.queue.url, "queue_arn": tickets.queue.arn},
            "hash_key": hash_key_secret(spec.name),
            "cache_address": _cache(spec, foundation, cluster, opts),
            "gateway_role": identity.role_arn,
            "functions": made,
            "minutes_table": table,
        },
        stack=pulumi.get_stack(),
    )


def _routing(
    spec: Environment, region: str, foundation: Foundation, opts: pulumi.ResourceOptions
) -> RoutingConfiguration:
    return RoutingConfiguration(
        f"{spec.name}-routing",
        RoutingConfigurationArgs(
            environment=spec.name,
            region=region,
            key_arn=foundation.output(lambda f: f.key.arn),
            keep=spec.keep,
            alarm_topics=topics_of(foundation),
            restore_time=str(spec.continuity.restore),
        ),
        opts,
    )


def _writer(
    spec: Environment, region: str, foundation: Foundation, routing: RoutingConfiguration, functions: Functions
) -> pulumi.Output[str]:
    settings = WriterSettings(
        environment=spec.name,
        region=region,
        intents_table=routing.places.intents_table,
        endpoints=tuple(sorted(spec.online_endpoints)),
        application="",
        app_config_environment="",
        profile="",
        strategy="",
    )
    # AppConfig's own, which are known once they are made.
    ids: dict[str, pulumi.Input[str]] = {
        "STANCHION_APPCONFIG_APPLICATION": routing.application.id,
        "STANCHION_APPCONFIG_ENVIRONMENT": routing.environment.environment_id,
        "STANCHION_APPCONFIG_PROFILE": routing.profile.configuration_profile_id,
        "STANCHION_APPCONFIG_STRATEGY": routing.strategy.id,
    }
    key = foundation.output(lambda f: f.key.arn)
    made = functions.make(
        Wish(
            function="routing_writer",
            description="Writes the routing document of the region from what is wanted of it.",
            runbook="routing-writer",
            variables={**settings.variables(), **ids},
            policy=_policy(routing_writer_statements(routing, key)),
            schedule=EACH_MINUTE,
            stream_arn=routing.intents.stream_arn,
        )
    )
    return made.function.name


def _hash_keys(
    spec: Environment, foundation: Foundation, needs: Needs, functions: Functions, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """One for both regions; the standby reads a replica."""
    key, standby = foundation.output(lambda f: f.key.arn), spec.regions.standby
    other = needs.foundation(standby)
    secret = HashKeys(
        f"{spec.name}-hash-key",
        HashKeysArgs(
            environment=spec.name,
            key_arn=key,
            keep=spec.keep,
            other_region=standby,
            other_key_arn=other.output(lambda f: f.key.arn),
            other_key_alias_arn=key_alias_arn(spec, standby, other.output(lambda f: f.key.alias)),
            restore_time=str(spec.continuity.restore),
        ),
        opts,
    )
    settings = HashKeySettings(hash_key_secret(spec.name))
    made = functions.make(
        Wish(
            function="hash_keys",
            description="Makes the key by which events are hashed, when there is none or it is old.",
            runbook="hash-keys",
            variables={**settings.variables()},
            policy=_policy(hash_key_statements(secret.arn, key)),
            schedule=HASH_KEY_SCHEDULE,
        )
    )
    return made.function.name


def _results(spec: Environment, foundation: Foundation, opts: pulumi.ResourceOptions) -> TieredBucket:
    return TieredBucket(
        f"{spec.name}-query-results",
        TieredBucketArgs(
            purpose="query-results",
            account_id=spec.accounts.workload,
            noncurrent_days=1,
            keep=False,
            key_arn=foundation.output(lambda f: f.key.arn),
            expire_days=RESULT_DAYS,
            log_bucket=foundation.output(lambda f: f.buckets.access_logs.name),
            alarm_topics=topics_of(foundation),
            disposable=True,
        ),
        opts,
    )


def _events(
    spec: Environment, foundation: Foundation, results: TieredBucket, opts: pulumi.ResourceOptions
) -> EventStream:
    return EventStream(
        f"{spec.name}-inference-events",
        EventStreamArgs(
            environment=spec.name,
            account_id=spec.accounts.workload,
            events="inference",
            columns=[ColumnArgs(each.name, each.type) for each in columns()],
            bucket_name=foundation.output(lambda f: f.buckets.curated.name),
            bucket_arn=foundation.output(lambda f: f.buckets.curated.arn),
            prefix=EVENTS_PREFIX,
            key_arn=foundation.output(lambda f: f.key.arn),
            results_bucket_name=results.bucket.bucket,
            first_day=FIRST_DAY,
            keep=spec.keep,
            alarm_topics=topics_of(foundation),
        ),
        opts,
    )


def _tickets(spec: Environment, foundation: Foundation, opts: pulumi.ResourceOptions) -> TicketQueue:
    waits = [each.human.answer_within for each in spec.online_endpoints.values() if each.human is not None]
    return TicketQueue(
        f"{spec.name}-tickets",
        TicketQueueArgs(
            environment=spec.name,
            key_arn=foundation.output(lambda f: f.key.arn),
            alarm_topics=topics_of(foundation),
            # Half of what the strictest endpoint promises is left to answer in.
            answer_within=f"{max(1, min(each.seconds for each in waits) // 120)}m" if waits else "1h",
        ),
        opts,
    )


def _cache(
    spec: Environment, foundation: Foundation, cluster: Cluster, opts: pulumi.ResourceOptions
) -> pulumi.Output[str] | None:
    """The cache that all gateways share; on the local cloud each has its own, since nothing answers there."""
    wanted = any("cached" in each.ladder for each in spec.online_endpoints.values())
    if spec.gateway is None or not wanted or spec.cloud is Cloud.LOCAL:
        return None
    subnets = foundation.output(lambda f: f.network.private_subnet_ids)
    made = ResponseCache(
        f"{spec.name}-responses",
        ResponseCacheArgs(
            environment=spec.name,
            # ElastiCache takes two or three zones (ElastiCache API, CreateServerlessCache).
            subnet_ids=[subnets[number] for number in range(3)],
            security_group_ids=[cluster.output(lambda c: c.access.security_group_id)],
            key_arn=foundation.output(lambda f: f.key.arn),
            alarm_topics=topics_of(foundation),
            largest_gib=max(1, spec.gateway.cache.largest.bytes >> 30),
            largest_ecpu=spec.gateway.cache.work_units,
        ),
        opts,
    )
    return made.address


def _identity(
    spec: Environment,
    region: str,
    foundation: Foundation,
    cluster: Cluster,
    routing: RoutingConfiguration,
    events: EventStream,
    tickets: TicketQueue,
    opts: pulumi.ResourceOptions,
) -> GatewayIdentity:
    configuration = pulumi.Output.concat(
        "application/", routing.application.id,
        "/environment/", routing.environment.environment_id,
        "/configuration/", routing.profile.configuration_profile_id,
    )  # fmt: skip
    return GatewayIdentity(
        f"{spec.name}-gateway",
        GatewayIdentityArgs(
            cluster_name=cluster.output(lambda c: c.access.name),
            account_id=spec.accounts.workload,
            key_arn=foundation.output(lambda f: f.key.arn),
            stream_arn=events.stream.arn,
            key_table_arn=table_arn(spec, region, key_table(spec.name)),
            quota_table_arn=table_arn(spec, region, quota_table(spec.name)),
            ticket_table_arn=table_arn(spec, region, ticket_table(spec.name)),
            ticket_queue_arn=tickets.queue.arn,
            # Six letters follow the name, in each region others (Secrets Manager user guide, from memory).
            hash_key_arn=arn(spec, region, "secretsmanager", f"secret:{hash_key_secret(spec.name)}-??????"),
            routing_arn=arn(spec, region, "appconfig", configuration),
        ),
        opts,
    )


def _policy(statements: list[dict[str, Any]]) -> pulumi.Output[str]:
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements})
