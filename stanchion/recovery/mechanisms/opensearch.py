"""OpenSearch domains and serverless collections: copies of each index on other nodes and zones, automated snapshots.

How many replicas an index has is in no resource; the service's default is one.
"""

import re
from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.declared import restore_term
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Protection, Store
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import DAY, HARDWARE, HOUR, IN_REGION, all_of, at_least, nothing_lost, protections
from stanchion.recovery.term import Grade, Term

DOMAIN = "aws:opensearch/domain:Domain"
ELASTICSEARCH = "aws:elasticsearch/domain:Domain"
COLLECTION = "aws:opensearch/serverlessCollection:ServerlessCollection"

_GUIDE = "Amazon OpenSearch Service Developer Guide"
ZONES = Source(_GUIDE, "Configuring a multi-AZ domain: one replica of each index by default, in another zone")
STANDBY = Source(_GUIDE, "Multi-AZ with Standby: a full copy in each of three zones, activated in less than a minute")
SNAPSHOTS = Source(_GUIDE, "Creating index snapshots: hourly since Elasticsearch 5.3, daily before")
SERVERLESS = Source(_GUIDE, "OpenSearch Serverless: data in S3, standby replicas in a second zone")
SERVERLESS_SNAPSHOTS = Source(_GUIDE, "Backing up collections: hourly, kept for 14 days")

STANDBY_SECONDS = 60.0
_VERSION = re.compile(r"(?:(OpenSearch|Elasticsearch)_)?(\d+)\.(\d+)")


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Stores and protections of all domains and collections."""
    for domain in graph.of_type(DOMAIN, ELASTICSEARCH):
        yield Store(domain.urn, "OpenSearch domain" if domain.type == DOMAIN else "Elasticsearch domain")
        yield from _copies(domain)
        yield from _snapshots(graph, domain)
    for collection in graph.of_type(COLLECTION):
        yield Store(collection.urn, "OpenSearch Serverless collection")
        yield from _collection(graph, collection)


def _copies(domain: Resource) -> Iterator[Protection]:
    config = domain.at("clusterConfig")
    several = at_least(config["instanceCount"].number(1), 2)
    replica = nothing_lost("one replica of each index", ZONES, config["instanceCount"], Grade.TYPICAL)
    machine, zone = Disruption.INFRASTRUCTURE, Disruption.ZONE
    yield from protections(domain, "index replicas", (machine,), [replica], given=several)
    aware = config["zoneAwarenessEnabled"]
    placed = nothing_lost("one replica of each index in another zone", ZONES, aware, Grade.TYPICAL)
    given = all_of(several, aware.flag(False))
    yield from protections(domain, "zone awareness", (zone,), [placed], given=given)
    standby = config["multiAzWithStandbyEnabled"]
    copies = nothing_lost("a full copy in each zone", STANDBY, standby)
    back = Term.of("standby nodes are activated", STANDBY_SECONDS, Grade.TYPICAL, STANDBY, standby)
    given = standby.flag(False)
    yield from protections(domain, "Multi-AZ with Standby", HARDWARE, [copies], [back], given=given)


def _snapshots(graph: ResourceGraph, domain: Resource) -> Iterator[Protection]:
    """They can't be switched off; how often they are made is the version's."""
    version = domain.at("engineVersion" if domain.type == DOMAIN else "elasticsearchVersion")
    hourly = _hourly(version, default=domain.type == DOMAIN)
    interval = hourly if isinstance(hourly, Unsettled) else HOUR if hourly else DAY
    loss = Term.of("interval of automated snapshots", interval, Grade.TYPICAL, SNAPSHOTS, version)
    back = restore_term(graph, domain, "restore from an automated snapshot")
    yield from protections(domain, "automated snapshots", IN_REGION, [loss], [back])


def _hourly(version: Setting, *, default: bool) -> bool | Unsettled:
    """A new OpenSearch domain has the newest version; an Elasticsearch one has 1.5 where the program says none."""
    text = version.text()
    if isinstance(text, Unsettled):
        return text
    if not text:
        return default
    match = _VERSION.fullmatch(text)
    if match is None:
        return version.wrong("a version such as OpenSearch_2.19")
    return match[1] == "OpenSearch" or (int(match[2]), int(match[3])) >= (5, 3)


def _collection(graph: ResourceGraph, collection: Resource) -> Iterator[Protection]:
    """Data is in S3 whatever stands by; without standby replicas a zone's loss takes the time to start others."""
    setting = collection.at("standbyReplicas")
    state = setting.text("ENABLED")
    data = nothing_lost("data in S3", SERVERLESS, collection)
    if state == "ENABLED":
        yield from protections(collection, "standby replicas", HARDWARE, [data])
    else:
        back = restore_term(graph, collection, "capacity is started anew")
        yield from protections(collection, "data in S3", HARDWARE, [data], [back])
    hourly = Term.of("interval of automatic snapshots", HOUR, Grade.TYPICAL, SERVERLESS_SNAPSHOTS, collection)
    restore = restore_term(graph, collection, "restore from an automatic snapshot")
    yield from protections(collection, "automatic snapshots", (Disruption.APPLICATION,), [hourly], [restore])


MECHANISM = Mechanism("opensearch", find, stores=frozenset({DOMAIN, ELASTICSEARCH, COLLECTION}))
