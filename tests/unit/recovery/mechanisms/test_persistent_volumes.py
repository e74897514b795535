import pytest

from stanchion.graph import UNKNOWN
from stanchion.recovery.mechanisms.persistent_volumes import MECHANISM
from tests.unit.recovery.mechanisms.kubernetes.program import Program
from tests.unit.recovery.mechanisms.reading import APPLICATION, INFRASTRUCTURE, REGION, ZONE, Found

CLASS = "storage.k8s.io/v1:StorageClass"
CLAIM = "core/v1:PersistentVolumeClaim"
EBS, EFS = "ebs.csi.aws.com", "efs.csi.aws.com"


def storage(program, name, provisioner, default=False, **parameters):
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"} if default else {}
    inputs = {
        "metadata": {"name": name, "annotations": annotations},
        "provisioner": provisioner,
        "parameters": parameters,
    }
    return program.add(f"kubernetes:{CLASS}", name, inputs, provider=program.provider)


def claim(program, **spec):
    return program.object(CLAIM, "data", spec)


def found(program):
    return Found(MECHANISM, program.graph())


@pytest.mark.parametrize("provisioner", [EBS, "ebs.csi.eks.amazonaws.com", "kubernetes.io/aws-ebs"])
def test_a_disk_survives_its_machine_and_nothing_else(provisioner):
    program = Program()
    storage(program, "disk", provisioner)
    claim(program, storageClassName="disk")
    result = found(program)
    assert [store.kind for store in result.stores] == ["PersistentVolumeClaim"]
    assert result.loss("data", INFRASTRUCTURE) == 0
    assert [result.loss("data", d) for d in (APPLICATION, ZONE, REGION)] == [None, None, None]


def test_the_default_class_counts_where_none_is_named():
    program = Program()
    storage(program, "disk", EBS, default=True)
    claim(program)
    assert found(program).loss("data", INFRASTRUCTURE) == 0


def test_without_any_class_it_can_not_be_told():
    program = Program()
    claim(program)
    assert found(program).missing("data", ZONE) == "spec.storageClassName"
    other = Program()
    claim(other, storageClassName="elsewhere")
    assert found(other).missing("data", INFRASTRUCTURE) == "spec.storageClassName"
    unknown = Program()
    claim(unknown, storageClassName=UNKNOWN)
    assert found(unknown).missing("data", INFRASTRUCTURE) == "spec.storageClassName"


def test_a_class_is_known_by_its_edge_before_it_has_a_name():
    program = Program()
    claim(program, storageClassName=storage(program, "disk", EBS).ref("metadata"))
    assert found(program).loss("data", INFRASTRUCTURE) == 0


def test_a_driver_that_nobody_explains():
    program = Program()
    storage(program, "lustre", "fsx.csi.aws.com")
    claim(program, storageClassName="lustre")
    assert found(program).missing("data", ZONE) == "provisioner"


def test_a_volume_of_a_file_system_is_the_file_system_s():
    program = Program()
    system = program.add("aws:efs/fileSystem:FileSystem", "files", {})
    storage(program, "shared", EFS, fileSystemId=system.ref("id"))
    claim(program, storageClassName="shared")
    assert found(program).loss("data", ZONE) == 0
    elsewhere = Program()
    storage(elsewhere, "shared", EFS, fileSystemId="fs-0123")
    claim(elsewhere, storageClassName="shared")
    assert found(elsewhere).missing("data", ZONE) == "parameters.fileSystemId"


def test_a_claim_of_a_disk_of_the_program_is_judged_there():
    program = Program()
    disk = program.add("aws:ebs/volume:Volume", "disk", {"availabilityZone": "us-east-1a"})
    spec = {"csi": {"driver": EBS, "volumeHandle": disk.ref("id")}}
    volume = program.object("core/v1:PersistentVolume", "disk", spec)
    claim(program, volumeName=volume.ref("metadata"))
    assert found(program).names("data", APPLICATION) == {"copy of Volume 'disk'"}


@pytest.mark.parametrize(
    ("selection", "told"),
    [
        ({"selectionTags": [{"type": "STRINGEQUALS", "key": "backup", "value": "daily"}]}, False),
        ({"selectionTags": [{"type": "STRINGEQUALS", "key": "backup", "value": "weekly"}]}, True),
        ({"selectionTags": [{"type": "STRINGEQUALS", "key": "backup", "value": UNKNOWN}]}, False),
        ({"resources": ["*"]}, False),
        ({"resources": ["arn:aws:ec2:*:*:volume/*"]}, False),
        ({"resources": ["arn:aws:dynamodb:*:*:table/*"]}, True),
        ({"resources": UNKNOWN}, False),
    ],
)
def test_a_backup_that_may_take_the_volumes_can_not_be_told_from_here(selection, told):
    program = Program()
    storage(program, "disk", EBS, tagSpecification_1="backup=daily")
    claim(program, storageClassName="disk")
    program.add("aws:backup/selection:Selection", "all", selection)
    result = found(program)
    assert (result.loss("data", ZONE) is None) == told
    assert result.loss("data", INFRASTRUCTURE) == 0


def test_one_snapshot_bounds_nothing():
    program = Program()
    storage(program, "disk", EBS)
    claim(program, storageClassName="disk")
    source = {"source": {"persistentVolumeClaimName": "data"}}
    program.object("snapshot.storage.k8s.io/v1:VolumeSnapshot", "once", source)
    result = found(program)
    assert result.loss("data", ZONE) is None
    assert any("one point in time" in note for note in result.notes)


def templates(*classes):
    return [{"metadata": {"name": f"v{i}"}, "spec": {"storageClassName": c}} for i, c in enumerate(classes)]


def test_a_stateful_set_is_as_safe_as_its_least_safe_volume():
    program = Program()
    system = program.add("aws:efs/fileSystem:FileSystem", "files", {})
    storage(program, "shared", EFS, fileSystemId=system.ref("id"))
    storage(program, "disk", EBS)
    storage(program, "odd", "x.y")
    program.deployment("both", kind="StatefulSet", volumeClaimTemplates=templates("shared", "disk"))
    program.deployment("files", kind="StatefulSet", volumeClaimTemplates=templates("shared", "shared"))
    program.deployment("odd", kind="StatefulSet", volumeClaimTemplates=templates("shared", "odd"))
    program.deployment("none", kind="StatefulSet")
    result = found(program)
    assert (result.loss("both", INFRASTRUCTURE), result.loss("both", ZONE)) == (0, None)
    assert result.loss("files", ZONE) == 0
    assert result.missing("odd", ZONE) == "provisioner"
    assert len(result.stores) == 3


@pytest.mark.parametrize("junk", [None, UNKNOWN, "x", 7, [], [None], {}, {"spec": UNKNOWN}, [["x"]]])
def test_malformed_objects_never_raise(junk):
    program = Program()
    program.add(f"kubernetes:{CLASS}", "class", {"metadata": junk, "provisioner": junk, "parameters": junk})
    program.add(f"kubernetes:{CLAIM}", "claim", {"metadata": junk, "spec": junk})
    program.deployment(kind="StatefulSet", volumeClaimTemplates=junk)
    program.add("aws:backup/selection:Selection", "all", {"selectionTags": junk, "resources": junk})
    Found(MECHANISM, program.graph())
