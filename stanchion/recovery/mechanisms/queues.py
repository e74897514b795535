"""Queues and streams: SQS, Kinesis, MSK.

Messages on their way are state: nobody else has them while they wait. By design they survive a zone. They are lost with
their region, and no service can restore what a bad deployment consumed or deleted; but a queue holds nothing older than
its retention, so that is the most that can be lost. Whoever can send them again declares the queue with the tag
`stanchion:data: disposable`. What topics fan out and delivery streams buffer counts as transport, not as a store.
"""

from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph, Setting
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Note, Protection, Store
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.sources import Source, derived
from stanchion.recovery.survival import HARDWARE, Condition, nothing_lost, protections
from stanchion.recovery.term import Amount, Grade, Term, scaled

QUEUE = "aws:sqs/queue:Queue"
STREAM = "aws:kinesis/stream:Stream"
KAFKA = "aws:msk/cluster:Cluster"
KAFKA_SERVERLESS = "aws:msk/serverlessCluster:ServerlessCluster"
REPLICATOR = "aws:msk/replicator:Replicator"

SQS = Source("Amazon SQS Developer Guide", "Standard queues: stored in several zones before the send is acknowledged")
KINESIS = Source("Amazon Kinesis Data Streams Developer Guide", "Resilience: data is replicated across three zones")
MSK = Source("Amazon MSK Developer Guide", "Best practices: brokers in several zones, replication factor of 2 or 3")
RETENTION = derived("a queue or stream holds nothing older than its retention")

# What the services keep where the program says nothing.
QUEUE_RETENTION_SECONDS = 345_600.0
STREAM_RETENTION_HOURS = 24
_BEYOND = (Disruption.APPLICATION, Disruption.REGION)


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Stores and protections of all queues, streams and Kafka clusters."""
    for queue in graph.of_type(QUEUE):
        yield Store(queue.urn, "SQS queue")
        kept = queue.at("messageRetentionSeconds")
        yield from _messages(queue, SQS, kept, kept.number(QUEUE_RETENTION_SECONDS))
    for stream in graph.of_type(STREAM):
        yield Store(stream.urn, "Kinesis stream")
        kept = stream.at("retentionPeriod")
        yield from _messages(stream, KINESIS, kept, scaled(kept.number(STREAM_RETENTION_HOURS), 3600))
    for cluster in graph.of_type(KAFKA):
        yield Store(cluster.urn, "MSK cluster")
        yield from _kafka(cluster, _subnets(cluster))
    for cluster in graph.of_type(KAFKA_SERVERLESS):
        yield Store(cluster.urn, "MSK Serverless cluster")
        yield from _kafka(cluster, True)
    for replicator in graph.of_type(REPLICATOR):
        text = f"MSK replicator '{replicator.name}' counts for nothing: no bound for its lag is published"
        yield Note(replicator.urn, text)


def _messages(store: Resource, source: Source, at: Setting, retention: Amount) -> Iterator[Protection]:
    zones = nothing_lost("stored in several zones before it is acknowledged", source, store)
    yield from protections(store, "copies in several zones", HARDWARE, [zones])
    oldest = Term.of("retention", retention, Grade.BOUND, RETENTION, at)
    yield from protections(store, "nothing older than its retention", _BEYOND, [oldest])


def _subnets(cluster: Resource) -> Condition:
    """Whether brokers stand in several zones: a cluster takes one subnet of each zone."""
    subnets = cluster.at("brokerNodeGroupInfo")["clientSubnets"].each()
    return len(subnets) > 1 if isinstance(subnets, tuple) else subnets


def _kafka(cluster: Resource, given: Condition) -> Iterator[Protection]:
    """Nothing acknowledged is lost with the service's default replication; a topic or a producer may ask for less."""
    copies = nothing_lost("replicas on brokers in other zones", MSK, cluster, Grade.TYPICAL)
    yield from protections(cluster, "replicas in several zones", HARDWARE, [copies], given=given)


MECHANISM = Mechanism(
    "queues", find, stores=frozenset({QUEUE, STREAM, KAFKA, KAFKA_SERVERLESS}), reads=frozenset({REPLICATOR})
)
