"""Records what a program registers: every resource with its inputs, parent, provider and dependencies.

Pulumi's own mocks see inputs only; this stands in the monitor's place and keeps the whole request. The shape is that of
a graph (URNs for parents, providers and dependencies), so that it can be read like a preview or an exported state.
"""

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc
from pulumi.runtime.stack import run_pulumi_func

from stanchion.graph import UNKNOWN, Resource, ResourceGraph
from stanchion.graph.sources.marks import from_struct
from stanchion.graph.sources.state import provider_inputs

ACCOUNT = "000000000000"
PROVIDER = "pulumi:providers:aws"
# Pulumi registers it in the first recording of a process only; in every other one it is a parent all the same.
STACK = "urn:pulumi:test::stanchion::pulumi:pulumi:Stack::stanchion-test"


@dataclass(frozen=True)
class Recorded:
    """One resource as it was registered.

    `inputs` are in the provider's names (camelCase) with numbers as floats; in a preview some are of
    `pulumi.output.Unknown`. `provider` is the provider's URN, empty for the default one; `dependencies` are URNs, and
    `property_dependencies` the same by input; `aliases` are URNs or types.
    """

    urn: str
    type: str
    name: str
    inputs: dict[str, Any]
    parent: str
    provider: str
    custom: bool
    protect: bool
    retain_on_delete: bool
    dependencies: tuple[str, ...]
    property_dependencies: dict[str, tuple[str, ...]]
    aliases: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The type without its package and module, such as `Bucket`."""
        return self.type.split(":")[-1]


@dataclass
class Recording:
    """All that was registered.

    `resources` are in the order in which they arrived, which differs from run to run; what the methods answer is in the
    order of the URNs, so that a test may count on it. `outputs` are what components say of themselves, by their URN.
    By URN: `sent` are the inputs as they were sent, with Pulumi's marks, `known` the outputs that are known.
    """

    stack: str = "test"
    resources: list[Recorded] = field(default_factory=list)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent: dict[str, Any] = field(default_factory=dict)
    known: dict[str, dict[str, Any]] = field(default_factory=dict)

    def all(self, kind: str) -> list[Recorded]:
        """Resources of a type; `kind` is the last part of the token, or the whole."""
        return self._in_order(r for r in self.resources if kind in (r.kind, r.type))

    def one(self, kind: str, name: str | None = None) -> Recorded:
        """The only resource of a type (and name)."""
        found = [r for r in self.all(kind) if name is None or r.name == name]
        assert len(found) == 1, f"{len(found)} resources of {kind} {name or ''}: {[r.name for r in found]}"
        return found[0]

    def at(self, urn: str) -> Recorded:
        """The resource of a URN."""
        return next(r for r in self.resources if r.urn == urn)

    def children_of(self, urn: str) -> list[Recorded]:
        """Resources whose parent this is."""
        return self._in_order(r for r in self.resources if r.parent == urn)

    def parent_chain(self, resource: Recorded) -> list[str]:
        """Types from the resource's parent up to below the stack."""
        chain = []
        while resource.parent and not resource.parent.endswith("pulumi:pulumi:Stack::stanchion-test"):
            resource = self.at(resource.parent)
            chain.append(resource.type)
        return chain

    def region_of(self, resource: Recorded) -> str | None:
        """The region a resource is made in: its own `region`, else its provider's; None for the default provider's."""
        if "region" in resource.inputs:
            return resource.inputs["region"]
        return self.at(resource.provider).inputs.get("region") if resource.provider else None

    def unique(self, name: str) -> str:
        """What the cloud names a resource of this stack; as the program does in the stack `test`."""
        return name if self.stack == "test" else f"{name}-{self.stack}"

    def graph(self, config: dict[str, str] | None = None) -> ResourceGraph:
        """What was registered as a graph, as the engine's own sources give one.

        Nobody checks inputs here, so what a provider adds is missing: defaults, names it makes, tags it adds up.

        Args:
            config: the stack's configuration; its `aws:region` is that of the default provider.
        """
        whole = Resource(
            urn=STACK,
            type="pulumi:pulumi:Stack",
            name="stanchion-test",
            custom=False,
            outputs=self.known.get(STACK, {}),
        )
        resources = [whole, *(self._resource(each) for each in self.resources)]
        return ResourceGraph([_in_stack(resource, self.stack) for resource in resources], config)

    def _resource(self, recorded: Recorded) -> Resource:
        # From the wire and not from `inputs`: there a secret inside makes the whole property secret.
        inputs = from_struct(self.sent[recorded.urn])
        return Resource(
            urn=recorded.urn,
            type=recorded.type,
            name=recorded.name,
            inputs=provider_inputs(inputs) if recorded.type.startswith("pulumi:providers:") else inputs,
            outputs=self.known.get(recorded.urn, {}),
            parent=recorded.parent,
            provider=recorded.provider,
            custom=recorded.custom,
            dependencies=recorded.dependencies,
            property_dependencies={key: urns for key, urns in recorded.property_dependencies.items() if urns},
            protect=recorded.protect,
            retain_on_delete=recorded.retain_on_delete,
        )

    @staticmethod
    def _in_order(resources: Iterable[Recorded]) -> list[Recorded]:
        return sorted(resources, key=lambda r: r.urn)


def _in_stack(resource: Resource, stack: str) -> Resource:
    def named(urn: str) -> str:
        return urn.replace("urn:pulumi:test::", f"urn:pulumi:{stack}::", 1)

    return replace(
        resource,
        urn=named(resource.urn),
        parent=named(resource.parent),
        provider=named(resource.provider),
        dependencies=tuple(named(urn) for urn in resource.dependencies),
        property_dependencies={k: tuple(named(u) for u in urns) for k, urns in resource.property_dependencies.items()},
    )


def record(build: Callable[[], Any], *, preview: bool = False, stack: str = "test") -> Recording:
    """Run a program on the recorder to its very end, so that a failure inside an apply surfaces here.

    Args:
        build: registers resources; what it returns is ignored.
        preview: what only the cloud knows (ids, ARNs, names it makes) stays unknown, as in a first preview.
        stack: whose graph it is; what the cloud makes for one stack has other names than what it makes for another.
    """
    recording = Recording(stack)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        monitor = _Monitor(recording)
        mocks.set_mocks(monitor.mocks, project="stanchion", stack="test", preview=preview, monitor=monitor)

        async def program() -> None:
            build()

        loop.run_until_complete(run_pulumi_func(program))
    finally:
        loop.close()
        asyncio.set_event_loop(asyncio.new_event_loop())
    return recording


class _Monitor(mocks.MockMonitor):
    def __init__(self, recording: Recording) -> None:
        super().__init__(_Cloud(self))
        self.recording = recording

    def RegisterResource(self, request: Any) -> Any:
        if request.type != "pulumi:pulumi:Stack":
            self.recording.resources.append(
                Recorded(
                    urn=self.make_urn(request.parent, request.type, request.name),
                    type=request.type,
                    name=request.name,
                    inputs=rpc.deserialize_properties(request.object),
                    parent=request.parent,
                    provider=request.provider.rsplit("::", 1)[0] if request.provider else "",
                    custom=request.custom,
                    protect=request.protect,
                    retain_on_delete=request.retainOnDelete,
                    dependencies=tuple(request.dependencies),
                    property_dependencies={k: tuple(v.urns) for k, v in request.propertyDependencies.items()},
                    aliases=tuple(alias.urn or alias.spec.type for alias in request.aliases),
                )
            )
        response = super().RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            self.recording.sent[response.urn] = request.object
        if request.custom:
            self.recording.known[response.urn] = _known(response.object, response.id)
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:
        self.recording.outputs[request.urn] = rpc.deserialize_properties(request.outputs)
        self.recording.known[request.urn] = _known(request.outputs)
        return super().RegisterResourceOutputs(request)

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        # As the engine makes them: the whole chain of parent types, without the stack's.
        chain = parent.split("::")[2] if parent else ""
        qualified = type_ if chain in ("", "pulumi:pulumi:Stack") else f"{chain}${type_}"
        return f"urn:pulumi:test::stanchion::{qualified}::{name}"

    def region_of(self, provider: str) -> str:
        """The region of a provider reference as a request carries it."""
        urn = provider.rsplit("::", 1)[0]
        for resource in self.recording.resources:
            if resource.urn == urn:
                return resource.inputs.get("region", "us-east-1")
        return "us-east-1"


class _Cloud(mocks.Mocks):
    """Answers as a cloud would: ids, names and ARNs that look like the type's."""

    def __init__(self, monitor: _Monitor) -> None:
        self._monitor = monitor

    def call(self, args: mocks.MockCallArgs) -> Any:
        region = args.args.get("region") or self._monitor.region_of(args.provider)
        if args.token.endswith(":getAvailabilityZones"):
            names = [f"{region}{letter}" for letter in "abcd"]
            return {"id": region, "region": region, "names": names, "zoneIds": [f"{n}-id" for n in names]}
        if args.token.endswith(":getCallerIdentity"):
            return {"id": ACCOUNT, "accountId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root", "userId": "test"}
        raise AssertionError(f"the recorder has no answer to {args.token}")

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if not args.custom:
            return "", dict(args.inputs)
        if pulumi.runtime.is_dry_run() and not args.typ.startswith("pulumi:providers:"):
            planned = dict(args.inputs)
            if args.typ.endswith(":Bucket"):
                # The provider names a bucket when it checks the inputs, before anything is deployed.
                planned.setdefault("bucket", self._monitor.recording.unique(args.name))
            return "", planned
        kind = args.typ.split(":")[-1]
        service = args.typ.split(":")[1].split("/")[0]
        region = args.inputs.get("region") or self._monitor.region_of(args.provider or "")
        name = next((args.inputs[k] for k in ("name", "bucket", "repositoryName") if k in args.inputs), args.name)
        own = self._monitor.recording.unique(args.name)
        identity = f"{own}-id"
        state = {
            "arn": f"arn:aws:{service}:{region}:{ACCOUNT}:{_kebab(kind)}/{own}",
            "name": name,
            "url": f"https://{service}.{region}.amazonaws.com/{ACCOUNT}/{args.name}",
            "region": region,
            **args.inputs,
        }
        if kind == "Bucket":
            identity = args.inputs.get("bucket", own)
            state |= {"bucket": identity, "arn": f"arn:aws:s3:::{identity}"}
        elif kind == "Vault":
            state["arn"] = f"arn:aws:backup:{region}:{ACCOUNT}:backup-vault:{name}"
        elif kind in ("Key", "ReplicaKey"):
            state["keyId"] = f"mrk-{own}"
        elif kind == "Repository":
            state["repositoryUrl"] = f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com/{name}"
            state["registryId"] = ACCOUNT
        elif kind == "Vpc":
            state |= {"defaultSecurityGroupId": f"{args.name}-default-sg", "ownerId": ACCOUNT}
        elif args.typ == "aws:eks/cluster:Cluster":
            network = {**args.inputs["vpcConfig"], "clusterSecurityGroupId": f"{args.name}-sg"}
            authority = {"data": "Y2VydGlmaWNhdGU="}
            endpoint = f"https://{own}.{region}.eks.amazonaws.com"
            state |= {"vpcConfig": network, "certificateAuthority": authority, "endpoint": endpoint}
        elif kind == "LaunchTemplate":
            state["latestVersion"] = 1
        elif args.typ == "aws:appconfig/environment:Environment":
            state["environmentId"] = f"env-{own}"
        elif args.typ == "aws:appconfig/configurationProfile:ConfigurationProfile":
            state["configurationProfileId"] = f"profile-{own}"
        elif kind == "Table" and args.inputs.get("streamEnabled"):
            state["streamArn"] = f"{state['arn']}/stream/2026-01-01T00:00:00.000"
        elif kind in ("LoadBalancer", "TargetGroup"):
            state |= {"arnSuffix": f"{_kebab(kind)}/{own}", "dnsName": f"{own}.{region}.elb.amazonaws.com"}
            state["zoneId"] = "Z1"
        return identity, state


def _known(properties: Any, identity: str = "") -> dict[str, Any]:
    known = {key: value for key, value in from_struct(properties).items() if value is not UNKNOWN}
    return {**known, "id": identity} if identity else known


def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def provider(region: str) -> pulumi.ProviderResource:
    """An explicit provider, as a regional stack has one."""
    import pulumi_aws as aws

    return aws.Provider(f"regional-{region}", region=region)


def kubernetes() -> pulumi.ProviderResource:
    """The explicit provider of a cluster, as a stack that makes objects in one has it."""
    import pulumi_kubernetes

    return pulumi_kubernetes.Provider("cluster", kubeconfig="{}")
