"""Where Pulumi's own state lies, in both regions; brought up first, with a backend on the local disk."""

import pulumi

from components.continuity.state_backend import StateBackend, StateBackendArgs
from stacks.needs import LayerOutputs, Needs, publish
from stacks.providers import provider_of
from stanchion.contracts import StateOutputs
from stanchion.layers import Place
from stanchion.spec import Environment


def build(spec: Environment, place: Place, needs: Needs) -> LayerOutputs[StateOutputs]:
    """Build the state backend of an environment; it needs nothing."""
    del needs
    backend = StateBackend(
        f"{spec.name}-state",
        StateBackendArgs(
            environment=spec.name,
            account_id=spec.accounts.workload,
            primary_region=spec.regions.primary,
            standby_region=spec.regions.standby,
            keep=spec.keep,
            # A lock would outlive an environment that says it is disposable.
            object_lock_days=30 if spec.keep else None,
            restore_time=str(spec.continuity.restore),
        ),
        pulumi.ResourceOptions(provider=provider_of(spec, place)),
    )
    return publish(
        StateOutputs,
        {
            "secrets_provider": backend.secrets_provider,
            "primary": {
                "region": spec.regions.primary,
                "bucket": backend.primary_bucket.bucket.bucket,
                "backend_url": backend.primary_backend_url,
                "key_arn": backend.key.arn,
            },
            "standby": {
                "region": spec.regions.standby,
                "bucket": backend.standby_bucket.bucket.bucket,
                "backend_url": backend.standby_backend_url,
                "key_arn": backend.replica_key.arn,
            },
        },
        stack=pulumi.get_stack(),
    )
