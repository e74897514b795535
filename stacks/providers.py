"""The provider of a layer: one region, one account that it refuses to leave, and the tags of everything it makes."""

import pulumi
import pulumi_aws as aws

from stanchion.layers import Place
from stanchion.spec import Environment


def provider_of(spec: Environment, place: Place) -> aws.Provider:
    """The explicit provider of a layer; its components inherit it through their parents.

    An environment-wide layer gets the primary region's, and names the region of each resource itself.
    """
    region = place.region or spec.regions.primary
    return aws.Provider(
        f"{place.layer}-{region}",
        region=region,
        allowed_account_ids=[spec.accounts.workload],
        default_tags=aws.ProviderDefaultTagsArgs(tags=default_tags(spec, place)),
        opts=pulumi.ResourceOptions(),
    )


def default_tags(spec: Environment, place: Place) -> dict[str, str]:
    """Who owns it, what it belongs to and who pays: on every resource that takes tags."""
    return {
        "stanchion:environment": spec.name,
        "stanchion:layer": place.layer,
        "stanchion:owner": spec.owner,
        "stanchion:cost-centre": spec.cost_centre,
    }
