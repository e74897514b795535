"""Unknown, secret and unsettled values."""

import copy
import pickle

from stanchion.graph import SECRET, UNKNOWN, Secret, Unknown, Unsettled


def test_there_is_one_unknown_and_one_secret():
    assert Unknown() is UNKNOWN
    assert Secret() is SECRET
    assert copy.deepcopy([UNKNOWN, SECRET]) == [UNKNOWN, SECRET]
    assert pickle.loads(pickle.dumps(UNKNOWN)) is UNKNOWN  # noqa: S301 - our own bytes


def test_a_sentence_names_property_type_and_name():
    gap = Unsettled("urn:pulumi:s::p::my:index:Shop$aws:s3/bucket:Bucket::lake", "rules[0].days", "is unknown")
    assert str(gap) == "`rules[0].days` of aws:s3/bucket:Bucket 'lake' is unknown"


def test_a_sentence_without_a_property_names_the_resource():
    assert str(Unsettled("urn:pulumi:s::p::aws:s3/bucket:Bucket::lake", "", "is odd")) == (
        "aws:s3/bucket:Bucket 'lake' is odd"
    )


def test_a_name_may_hold_the_separator_of_urns():
    assert str(Unsettled("urn:pulumi:s::p::t:m:T::a::b", "x", "is odd")) == "`x` of t:m:T 'a::b' is odd"


def test_what_is_no_urn_is_named_as_it_is():
    assert str(Unsettled("lake", "days", "is odd")) == "`days` of 'lake' is odd"
    assert str(Unsettled("", "", "no mechanism knows it")) == "no mechanism knows it"
