from sandbox.kubernetes.instances import allocatable, instance_type


def test_a_node_offers_what_it_does_not_keep_for_itself():
    kind = instance_type("m7i.xlarge")
    assert kind is not None
    offered = allocatable(kind)
    assert offered["cpu"] == "3920m"
    assert 13 * 1024 < int(offered["memory"].removesuffix("Mi")) < 16 * 1024


def test_accelerators_are_offered_under_the_names_that_pods_ask_for():
    for name, resource, count in (
        ("g5.12xlarge", "nvidia.com/gpu", "4"),
        ("inf2.xlarge", "aws.amazon.com/neuron", "1"),
    ):
        kind = instance_type(name)
        assert kind is not None
        assert allocatable(kind)[resource] == count


def test_a_type_that_ec2_does_not_have_is_none():
    assert instance_type("m7i.gigantic") is None
    assert instance_type("nothing") is None
