from sandbox.kubernetes.process_node.placement import FLAGS, RUNS, placement


def test_the_api_server_is_told_to_serve_what_is_applied():
    policy, binding = placement()
    assert FLAGS["runtime-config"] == f"{policy['apiVersion']}=true"
    assert FLAGS["feature-gates"] == f"{policy['kind']}=true"
    assert binding["spec"]["policyName"] == policy["metadata"]["name"]


def test_only_pods_with_a_command_are_changed_and_only_when_they_are_made():
    spec = placement()[0]["spec"]
    (rule,) = spec["matchConstraints"]["resourceRules"]
    assert (rule["resources"], rule["operations"]) == (["pods"], ["CREATE"])
    assert "stanchion.dev/local-command" in spec["matchConditions"][0]["expression"]
    # A pod that could not be judged would land where it is ready in name only.
    assert spec["failurePolicy"] == "Fail"
    assert all(word in spec["mutations"][0]["jsonPatch"]["expression"] for word in RUNS)
