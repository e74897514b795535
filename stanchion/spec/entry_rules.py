"""What must hold between the entry and the tiers, endpoints, regions and account behind it."""

from collections.abc import Iterator, Mapping

from stanchion.serving.health_check import health_check
from stanchion.spec.addresses import EVERYWHERE
from stanchion.spec.endpoints import Endpoint, OnlineEndpoint
from stanchion.spec.entry import Entry
from stanchion.spec.part import Broken
from stanchion.spec.refusal import Refusal, unknown
from stanchion.spec.regions import Regions
from stanchion.spec.tiers import Tier


def entry_rules(
    entry: Entry, endpoints: Mapping[str, Endpoint], tiers: Mapping[str, Tier], regions: Regions, account: str | None
) -> Iterator[Broken]:
    """A hostname for each tier that serves, certificates that lie where they are used, objectives that can be kept.

    Args:
        entry: the entry.
        endpoints: the endpoints by name.
        tiers: the tiers by name.
        regions: where the certificates must lie.
        account: the workload account; None in the local cloud, which takes any certificate.
    """
    yield from _certificate_rules(entry, regions, account)
    yield from _hostname_rules(entry, tiers)
    served = {each.tier: name for name, each in endpoints.items() if isinstance(each, OnlineEndpoint)}
    if not served:
        yield (
            "entry",
            Refusal(
                "nothing answers behind it: there is no endpoint of kind llm or predictor",
                allowed="an entry only with such an endpoint",
                fix="remove entry, or add an endpoint",
            ),
        )
    for tier, endpoint in served.items():
        if tier in tiers and tier not in entry.hostnames:
            yield (
                "entry.hostnames",
                Refusal(
                    f"tier {tier} has none, so nobody reaches endpoint '{endpoint}'",
                    allowed=f"a hostname for each of {', '.join(sorted(served))}",
                    fix=f"add {tier}: {tier}.example.com, or what clients call it by",
                ),
            )


def entry_remarks(entry: Entry, online: Mapping[str, OnlineEndpoint]) -> Iterator[str]:
    """Sentences about what is allowed, and still worth knowing."""
    everywhere = [each for each in entry.allowed_cidrs if each in EVERYWHERE]
    if everywhere and not entry.internal:
        yield f"entry.allowed_cidrs has {everywhere[0]}: anybody on the internet may come in."
    for tier in entry.hostnames:
        if tier not in {each.tier for each in online.values()}:
            yield f"entry.hostnames has {tier}, a tier that no endpoint of kind llm or predictor is of."


def _certificate_rules(entry: Entry, regions: Regions, account: str | None) -> Iterator[Broken]:
    for role, region in (("primary", regions.primary), ("standby", regions.standby)):
        arn: str = getattr(entry.certificates, role)
        of_region, of_account = arn.split(":")[3:5]
        if of_region != region:
            yield (
                f"entry.certificates.{role}",
                Refusal(
                    f"it lies in '{of_region}', and load balancers take certificates of their own region only",
                    allowed=f"a certificate in {region}",
                    fix=f"request one in {region} for the same names, and write its ARN",
                ),
            )
        if account is not None and of_account != account:
            yield (
                f"entry.certificates.{role}",
                Refusal(
                    f"it is of account {of_account}, and load balancers take certificates of their own account only",
                    allowed=f"a certificate of {account}",
                    fix="request one in accounts.workload, and write its ARN",
                ),
            )


def _hostname_rules(entry: Entry, tiers: Mapping[str, Tier]) -> Iterator[Broken]:
    first: dict[str, str] = {}
    for name, hostname in entry.hostnames.items():
        key = f"entry.hostnames.{name}"
        if (other := first.setdefault(hostname, name)) != name:
            yield (
                key,
                Refusal(
                    f"'{hostname}' is that of tier {other} too, which would get all of the requests",
                    allowed="a hostname of its own for each tier",
                    fix=f"write {name}.{hostname.removeprefix('*.')}, or another one",
                ),
            )
        tier = tiers.get(name)
        if tier is None:
            yield key, unknown(name, "a tier", tiers, where="tiers")
            continue
        promised = [rto for rto in (tier.rto.infrastructure, tier.rto.zone) if rto is not None]
        try:
            health_check(min(promised).seconds if promised else None)
        except ValueError as error:
            what, _, allowed = str(error).partition("; allowed: ")
            yield (
                key,
                Refusal(
                    f"tier {name} can't be served: {what}",
                    allowed=allowed.removesuffix("."),
                    fix=f"write a longer rto.infrastructure and rto.zone under tiers.{name}",
                ),
            )
