"""Groups of schedules, and their tags."""

from collections.abc import Mapping

from sandbox.clock.errors import ScheduleError, absent, taken
from sandbox.clock.pages import page
from sandbox.clock.records import DEFAULT_GROUP, Document, Region, arn, group_of, key_of


def create(here: Region, region: str, name: str, asked: Document, now: float) -> Document:
    """CreateScheduleGroup."""
    if name in here.groups:
        raise taken(f"Schedule group {name}")
    here.groups[name] = group_of(region, name, now)
    tag(here, name, asked.get("Tags") or [])
    return {"ScheduleGroupArn": here.groups[name]["Arn"]}


def found(here: Region, name: str) -> Document:
    """GetScheduleGroup.

    Raises:
        ScheduleError: there is none of this name.
    """
    if name not in here.groups:
        raise absent(f"Schedule group {name}")
    return here.groups[name]


def listed(here: Region, query: Mapping[str, str]) -> Document:
    """ListScheduleGroups."""
    prefix = query.get("NamePrefix", "")
    return page("ScheduleGroups", [one for name, one in sorted(here.groups.items()) if name.startswith(prefix)], query)


def delete(here: Region, name: str) -> Document:
    """DeleteScheduleGroup: with its schedules, at once."""
    if name == DEFAULT_GROUP:
        raise ScheduleError("The default schedule group can't be deleted.")
    found(here, name)
    for schedule in [one for one in here.schedules.values() if one["GroupName"] == name]:
        key = key_of(name, schedule["Name"])
        del here.schedules[key], here.begun[key]
    here.tags.pop(name, None)
    del here.groups[name]
    return {}


def named(here: Region, region: str, reference: str) -> str:
    """The name of the group that an ARN is of; only groups have tags.

    Raises:
        ScheduleError: there is none.
    """
    name = reference.removeprefix(arn(region, "schedule-group", ""))
    if name == reference or name not in here.groups:
        raise absent(f"Resource {reference}")
    return name


def tag(here: Region, name: str, tags: list[Document]) -> None:
    """TagResource."""
    here.tags.setdefault(name, {}).update({each["Key"]: each["Value"] for each in tags})


def untag(here: Region, name: str, keys: list[str]) -> None:
    """UntagResource."""
    for key in keys:
        here.tags.get(name, {}).pop(key, None)


def tags_of(here: Region, name: str) -> Document:
    """ListTagsForResource."""
    return {"Tags": [{"Key": key, "Value": value} for key, value in here.tags.get(name, {}).items()]}
