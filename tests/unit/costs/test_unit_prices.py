import re

import pytest

from stanchion.costs.unit_prices import PriceError, unit_prices
from stanchion.serving.instances import catalogue, families


def test_every_price_is_of_an_instance_that_there_is_and_says_where_it_is_from():
    prices = unit_prices()
    assert set(prices.types) <= set(catalogue())
    assert set(prices.per_vcpu) <= set(families())
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", prices.version)
    assert set(prices.sources) == {"instances", "spot_share", "external"}
    assert all(prices.sources.values())


def test_sizes_of_a_family_cost_by_their_vcpus():
    prices = unit_prices()
    assert prices.instance("m7i.xlarge", "us-east-1") == pytest.approx(0.2016)
    assert prices.instance("m7i.4xlarge", "us-west-2") == pytest.approx(0.8064)
    assert prices.instance("g5.xlarge", "us-east-2") == 1.006


@pytest.mark.parametrize(
    ("name", "region"), [("m7i.xlarge", "eu-west-1"), ("p5.48xlarge", "us-east-1"), ("m7i.9xlarge", "us-east-1")]
)
def test_a_price_that_is_not_in_the_list_is_unknown(name: str, region: str):
    assert unit_prices().instance(name, region) is None


def test_a_document_may_say_what_spot_costs_and_the_version_says_so():
    prices = unit_prices()
    other = prices.with_spot_share(0.3)
    assert (other.spot_share, other.version) == (0.3, f"{prices.version}+spot-0.3")
    for share in (0, -0.1, 1.1, float("nan")):
        with pytest.raises(PriceError, match="allowed: above 0, to 1"):
            prices.with_spot_share(share)
