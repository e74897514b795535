import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from stanchion.spec import ArchiveClass, BucketPolicy, Duration, Storage, Tiering, load_text
from tests.unit.spec.documents import changed, only_problem, problems, says

RAW = "raw: {cold: 30d, archive: 120d, expire: 730d}"
ages = st.none() | st.integers(1, 800)


def days(number: int | None) -> Duration | None:
    return None if number is None else Duration(number * 86400)


@given(ages, ages, ages, st.sampled_from(ArchiveClass), st.booleans())
def test_a_policy_is_taken_exactly_when_nothing_is_refused_billed_for_nothing_or_hidden(
    cold: int | None, archive: int | None, expire: int | None, archive_class: ArchiveClass, queried: bool
):
    minimum = {ArchiveClass.INSTANT: 90, ArchiveClass.FLEXIBLE: 90, ArchiveClass.DEEP: 180}[archive_class]
    good = (
        (cold is None or cold >= 30)
        and (cold is None or archive is None or archive >= cold + 30)
        and (expire is None or archive is None or expire >= archive + minimum)
        and (expire is None or archive is not None or cold is None or expire >= cold + 30)
        and not (archive is not None and queried and archive_class is not ArchiveClass.INSTANT)
    )
    try:
        BucketPolicy(
            tiering=Tiering.AGE,
            cold=days(cold),
            archive=days(archive),
            expire=days(expire),
            archive_class=archive_class,
            queried=queried,
        )
    except ValidationError:
        assert not good
    else:
        assert good


@pytest.mark.parametrize(
    ("policy", "key", "words"),
    [
        ("raw: {cold: 10d}", "raw.cold", ("'10d' is too early", "day 30", "30d or later")),
        ("raw: {cold: 90d, archive: 60d}", "raw.archive", ("comes before cold: 90d", "120d or later", "write 120d")),
        ("raw: {cold: 30d, archive: 45d}", "raw.archive", ("too soon after cold: 30d", "60d or later")),
        ("raw: {expire: 150d}", "raw.expire", ("too early", "120d", "90 days", "210d or later")),
        ("raw: {archive: null, expire: 45d}", "raw.expire", ("Standard-IA", "30 days", "60d or later")),
        ("archive: {expire: 90d}", "archive.expire", ("deep class", "180 days", "181d or later")),
        (
            "archive: {archive_class: flexible, expire: 60d}",
            "archive.expire",
            ("flexible class", "90 days", "91d or later"),
        ),
        ("raw: {archive_class: deep}", "raw.archive_class", ("'deep' hides data", "instant", "queried: false")),
        ("raw: {archive_class: flexible}", "raw.archive_class", ("'flexible' hides data", "instant")),
        ("raw: {archive_class: glacier}", "raw.archive_class", ("'glacier'", "instant, flexible, deep")),
        ("raw: {tiering: none, cold: 30d}", "raw.cold", ("does nothing", "tiering: age")),
        ("curated: {archive: 90d}", "curated.archive", ("does nothing with tiering: intelligent", "tiering: age")),
        ("raw: {expire: 24h}", "raw.expire", ("'24h' is not in whole days", "write 1d")),
        ("raw: {expire: 5w}", "raw.expire", ("'w' is not a unit", "whole days")),
        ("raw: {expire: 365}", "raw.expire", ("no unit", "365d")),
        ("raw: {noncurrent: 0d}", "raw.noncurrent", ("'0d'", "from 1d on", "write 1d")),
        ("raw: {noncurrent: null}", "raw.noncurrent", ("no value", "whole days")),
        ("raw: {queried: 'yes'}", "raw.queried", ("'yes' is neither true nor false", "true, false")),
        ("raw: {queried: yes}", "raw.queried", ("'yes' is neither true nor false",)),
        ("raw: {encrypted: true}", "raw.encrypted", ("not a key", "tiering, cold, archive")),
        ("raws: {}", "raws", ("not a key", "raw, curated, archive, models", "mean raw?")),
        ("repositories: [gateway, gateway]", "repositories", ("'gateway' is listed twice",)),
        ("repositories: [Gateway]", "repositories[0]", ("'Gateway'", "small letters")),
    ],
)
def test_bad_storage(policy: str, key: str, words: tuple[str, ...]):
    says(only_problem(changed(RAW, policy)), line=22, key=f"storage.{key}", words=words)


def test_two_rules_of_one_bucket_are_said_together():
    found = problems(changed(RAW, "raw: {cold: 10d, archive: 120d, expire: 130d, archive_class: deep}"))
    assert [problem.key.rsplit(".", 1)[1] for problem in found] == ["archive_class", "cold", "expire"]


def test_what_is_said_about_a_bucket_leaves_its_purposes_other_defaults():
    storage = load_text(changed(RAW, "archive: {expire: 2555d}")).storage
    assert storage.archive.archive_class is ArchiveClass.DEEP
    assert storage.archive.archive == Duration(86400)
    assert storage.archive.expire == Duration(2555 * 86400)


@pytest.mark.parametrize("tiering", ["intelligent", "none"])
def test_another_tiering_unsets_the_default_ages(tiering: str):
    raw = load_text(changed(RAW, f"raw: {{tiering: {tiering}, expire: 10d}}")).storage.raw
    assert (raw.cold, raw.archive) == (None, None)


def test_null_means_never():
    raw = load_text(changed(RAW, "raw: {cold: null, archive: null}")).storage.raw
    assert (raw.cold, raw.archive, raw.expire) == (None, None, None)


def test_the_defaults_lose_and_hide_nothing():
    storage = Storage()
    data = (storage.raw, storage.curated, storage.archive, storage.models, storage.evidence)
    assert all(policy.expire is None for policy in data)
    assert all(policy.noncurrent.days >= 30 for policy in (*data, storage.access_logs))
    assert all(policy.incomplete_uploads.days == 7 for policy in (*data, storage.access_logs))
    assert [storage.raw.queried, storage.curated.queried, storage.archive.queried] == [True, True, False]
    assert storage.repositories == ["gateway", "models"]


def test_the_defaults_hold_the_rules_they_are_checked_with():
    # pydantic does not check defaults; read back, they are.
    for name in Storage.model_fields:
        policy = getattr(Storage(), name)
        if isinstance(policy, BucketPolicy):
            assert type(policy).model_validate(policy.model_dump()) == policy, name
