"""Pods that carry a command go to process nodes, and to no others: elsewhere they would be ready in name only.

A pod says where it may go (pool, zone, how capacity is bought), and process nodes have the same labels as fake ones. So
the API server itself adds one more condition to each pod with a command when it is created. Pods without one go where
the scheduler puts them; on a process node they run in name only, as on a fake one.
"""

from typing import Any

from sandbox.kubernetes.process_node.environment import COMMAND

# A label of process nodes.
RUNS = ("stanchion.dev/runs", "processes")
MANAGER = "stanchion-process-node"
_NAME = "pods-with-a-command.stanchion.dev"
_GROUP = "admissionregistration.k8s.io/v1beta1"
# Of the API server: the kind is not on by default (Kubernetes 1.34).
FLAGS = {"feature-gates": "MutatingAdmissionPolicy=true", "runtime-config": f"{_GROUP}=true"}


def placement() -> list[dict[str, Any]]:
    """The objects that make the API server do so."""
    key, value = RUNS
    # The selector is one value to the API, which only a patch by path may change.
    added = f'JSONPatch{{op: "add", path: "/spec/nodeSelector/" + jsonpatch.escapeKey("{key}"), value: "{value}"}}'
    made = f'JSONPatch{{op: "add", path: "/spec/nodeSelector", value: {{"{key}": "{value}"}}}}'
    policy = {
        "apiVersion": _GROUP,
        "kind": "MutatingAdmissionPolicy",
        "metadata": {"name": _NAME},
        "spec": {
            "matchConstraints": {
                "resourceRules": [
                    {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
                ]
            },
            "matchConditions": [
                {
                    "name": "has-a-command",
                    "expression": f'has(object.metadata.annotations) && "{COMMAND}" in object.metadata.annotations',
                }
            ],
            "failurePolicy": "Fail",
            "reinvocationPolicy": "Never",
            "mutations": [
                {
                    "patchType": "JSONPatch",
                    "jsonPatch": {"expression": f"has(object.spec.nodeSelector) ? [{added}] : [{made}]"},
                }
            ],
        },
    }
    binding = {
        "apiVersion": _GROUP,
        "kind": "MutatingAdmissionPolicyBinding",
        "metadata": {"name": _NAME},
        "spec": {"policyName": _NAME},
    }
    return [policy, binding]
