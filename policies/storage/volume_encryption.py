"""Disks and file systems are encrypted."""

from collections.abc import Iterable

from policies.reading.examples import single
from policies.rule import Example, Group, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import GraphBuilder, Resource, ResourceGraph, Setting, Unsettled

VOLUME = "aws:ebs/volume:Volume"
BY_DEFAULT = "aws:ebs/encryptionByDefault:EncryptionByDefault"
FILE_SYSTEM = "aws:efs/fileSystem:FileSystem"
INSTANCE = "aws:ec2/instance:Instance"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_DEMAND = "it is encrypted"


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """Volumes, file systems and disks of machines that nothing encrypts."""
    regions = {
        program.graph.region_of(r) for r in program.graph.of_type(BY_DEFAULT) if r.at("enabled").flag(True) is True
    }
    for resource in program.of_type(FILE_SYSTEM):
        yield from _flag(resource.at("encrypted"), f"File system '{resource.name}'")
    for resource in program.of_type(VOLUME, INSTANCE, TEMPLATE):
        region = program.graph.region_of(resource)
        if isinstance(region, Unsettled) or region not in regions:
            yield from _disks(resource)


def _disks(resource: Resource) -> Iterable[Violation]:
    if resource.type == VOLUME:
        yield from _flag(resource.at("encrypted"), f"Volume '{resource.name}'")
        return
    subject = f"{resource.kind} '{resource.name}'"
    places = [resource.at(key) for key in ("rootBlockDevice", "ebsBlockDevices", "blockDeviceMappings")]
    disks: list[Setting] = []
    for place in places:
        each = place.each()
        if isinstance(each, Unsettled):
            yield Violation.unsettled(each, _DEMAND)
            return
        disks += [disk["ebs"] if place.path == "blockDeviceMappings" else disk for disk in each]
    disks = [disk for disk in disks if disk.is_set]
    if not disks:
        yield Violation.at(
            resource,
            f"{subject} says of none of its disks that it is encrypted, so the image decides, and most are not.",
        )
    for disk in disks:
        yield from _flag(disk["encrypted"], f"A disk of {subject}")


def _flag(setting: Setting, subject: str) -> Iterable[Violation]:
    answer = setting.flag(False)
    if isinstance(answer, Unsettled):
        yield Violation.unsettled(answer, _DEMAND)
    elif not answer:
        yield Violation.at(setting, f"{subject} is not encrypted.")


def _volume(**inputs: object) -> ResourceGraph:
    return single(VOLUME, "scratch", {"availabilityZone": "us-east-1a", "size": 100, **inputs})


def _by_default() -> ResourceGraph:
    builder = GraphBuilder()
    builder.add(BY_DEFAULT, "always", {"enabled": True})
    builder.add(INSTANCE, "worker", {"instanceType": "m7i.large"})
    return builder.graph()


RULE = Rule(
    id="storage-volume-encryption",
    group=Group.STORAGE,
    severity=Severity.HIGH,
    description="EBS volumes, disks of machines and EFS file systems are encrypted: AWS encrypts none of them unless "
    "it is said here, or encryption by default is on in the region.",
    remediation="Set encrypted: true, or add aws.ebs.EncryptionByDefault to the region.",
    source="EC2 API: CreateVolume and EbsBlockDevice, Encrypted; EFS API: CreateFileSystem, Encrypted",
    check=check,
    passing=(
        Example("the volume says so", lambda: _volume(encrypted=True)),
        Example("the region encrypts by default", _by_default),
        Example("the file system says so", lambda: single(FILE_SYSTEM, "share", {"encrypted": True})),
    ),
    failing=(
        Example("nothing is said", _volume, ("scratch",)),
        Example("a machine whose image decides", lambda: single(INSTANCE, "worker", {}), ("worker",)),
        Example(
            "a launch template with a plain disk",
            lambda: single(TEMPLATE, "node", {"blockDeviceMappings": [{"ebs": {"volumeSize": 100}}]}),
            ("node",),
        ),
        Example("a plain file system", lambda: single(FILE_SYSTEM, "share", {}), ("share",)),
    ),
)
