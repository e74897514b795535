"""ECR repositories: images are kept in several zones; replication to another region; tags that may be overwritten.

Without its image nothing starts, so an image that is missing in the other region is data that is lost there. The
registry has one replication configuration per region, whose rules name regions, accounts and repository prefixes.
"""

from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.declared import restore_term
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Protection, Store
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import HARDWARE, Condition, all_of, any_of, nothing_lost, protections
from stanchion.recovery.term import Grade, Term

REPOSITORY = "aws:ecr/repository:Repository"
REPLICATION = "aws:ecr/replicationConfiguration:ReplicationConfiguration"

_GUIDE = "Amazon ECR User Guide"
STORAGE = Source(_GUIDE, "What is Amazon ECR: images lie in S3, which keeps them in several zones")
LAG = Source(_GUIDE, "Private image replication: most images within 30 minutes")
IMMUTABLE = Source(_GUIDE, "Image tag mutability: a tag that is there can't be moved to another image")
LAG_SECONDS = 30 * 60.0
_EXCLUDES = "lets some tags be moved, and which ones a deployment uses can't be told"


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Stores and protections of all repositories."""
    configurations = graph.of_type(REPLICATION)
    copied = _regions_copied_to(graph, configurations)
    for repository in graph.of_type(REPOSITORY):
        yield Store(repository.urn, "ECR repository")
        zones = nothing_lost("copies in several zones", STORAGE, repository)
        yield from protections(repository, "copies in several zones", HARDWARE, [zones])
        yield from _immutable(graph, repository)
        for configuration in configurations:
            yield from _replication(graph, repository, configuration)
        yield from _replica(graph, repository, copied)


def _immutable(graph: ResourceGraph, repository: Resource) -> Iterator[Protection]:
    """With fixed tags a bad image does not take the place of the good one; what is deleted is gone all the same."""
    setting = repository.at("imageTagMutability")
    text = setting.text("MUTABLE")
    given: Condition = text if isinstance(text, Unsettled) else text == "IMMUTABLE"
    if text == "IMMUTABLE_WITH_EXCLUSION":
        excluded = repository.at("imageTagMutabilityExclusionFilters").each()
        given = True if excluded == () else Unsettled(repository.urn, setting.path, _EXCLUDES)
    loss = nothing_lost("the image before, under its own tag", IMMUTABLE, setting)
    back = restore_term(graph, repository, "the image before is deployed again")
    yield from protections(repository, "fixed tags", (Disruption.APPLICATION,), [loss], [back], given=given)


def _replication(graph: ResourceGraph, repository: Resource, configuration: Resource) -> Iterator[Protection]:
    here, place = graph.region_of(repository), graph.region_of(configuration)
    if isinstance(here, str) and isinstance(place, str) and here != place:
        return
    rules = configuration.at("replicationConfiguration")["rules"]
    listed = rules.each()
    for rule in (rules,) if isinstance(listed, Unsettled) else listed:
        for destination in _each(rule["destinations"]):
            there = destination["region"].text()
            gap = next((region for region in (there, here) if isinstance(region, Unsettled)), None)
            apart: Condition = gap or bool(there and there != here)
            loss = Term.of("replication of an image", LAG_SECONDS, Grade.TYPICAL, LAG, destination)
            name = f"replication to {there}" if isinstance(there, str) else "replication"
            given = all_of(apart, _takes(rule, repository))
            yield from protections(repository, name, (Disruption.REGION,), [loss], given=given)


def _takes(rule: Setting, repository: Resource) -> Condition:
    """Whether a rule takes a repository: without filters it takes all."""
    filters = rule["repositoryFilters"].each()
    if isinstance(filters, Unsettled) or not filters:
        return filters if isinstance(filters, Unsettled) else True
    name = repository.at("name").text()
    if isinstance(name, Unsettled):
        return name
    if not name:
        return Unsettled(repository.urn, "name", "is not set, and the rules of replication go by it")
    found: list[Condition] = []
    for each in filters:
        prefix = each["filter"].text()
        kind = each["filterType"].text("PREFIX_MATCH")
        if isinstance(kind, str) and kind != "PREFIX_MATCH":
            kind = each["filterType"].wrong("PREFIX_MATCH, the only kind there is")
        gap = next((gap for gap in (prefix, kind) if isinstance(gap, Unsettled)), None)
        found.append(gap or name.startswith(str(prefix)))
    return any_of(*found)


def _regions_copied_to(graph: ResourceGraph, configurations: tuple[Resource, ...]) -> set[str]:
    """Regions that images of another one are replicated to."""
    found: set[str] = set()
    for configuration in configurations:
        for rule in _each(configuration.at("replicationConfiguration")["rules"]):
            for destination in _each(rule["destinations"]):
                region = destination["region"].text()
                if isinstance(region, str) and region != graph.region_of(configuration):
                    found.add(region)
    return found


def _replica(graph: ResourceGraph, repository: Resource, copied: set[str]) -> Iterator[Protection]:
    """A repository of the same name in a region that images are replicated to holds copies."""
    name = repository.at("name").value
    here = graph.region_of(repository)
    if not isinstance(name, str) or here not in copied:
        return
    for other in graph.named(name, REPOSITORY):
        there = graph.region_of(other)
        if other.urn != repository.urn and isinstance(there, str) and there != here:
            term = Term.of("a replica has no images of its own", 0.0, Grade.BOUND, LAG, repository)
            yield from protections(repository, f"copy of the repository in {there}", (Disruption.REGION,), [term])
            return


def _each(setting: Setting) -> tuple[Setting, ...]:
    found = setting.each()
    return (setting,) if isinstance(found, Unsettled) else found


MECHANISM = Mechanism("ecr", find, stores=frozenset({REPOSITORY}), reads=frozenset({REPLICATION}))
