"""One variant of a model as an endpoint runs it: image, weights, what a replica gets, how many there are."""

import re
from dataclasses import dataclass, field

import pulumi

from components.serving.placement import Accelerator
from components.serving.weights import WeightsArgs

_IMAGE = re.compile(r"[^\s@]+@sha256:[0-9a-f]{64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
# Longest value of a label (Kubernetes documentation, labels and selectors).
_VERSION = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")


@dataclass
class StartArgs:
    """What a start consists of, in the figures of `stanchion.serving.cold_start`.

    Args:
        image_bytes: size of the image.
        bytes_per_second: how fast image and weights come onto a node.
        start_seconds: from the weights on disk until the server answers, as measured.
        node_seconds: until there is a node; 0 where the floor of the pool holds the replica.
    """

    image_bytes: int
    bytes_per_second: int
    start_seconds: int
    node_seconds: int = 0


@dataclass
class VariantArgs:
    """Args of one variant.

    Args:
        variant: `full` or `quantized`.
        image: of the server, by digest.
        weights: that it serves at first; later ones come by rollouts.
        start: what a start takes.
        pool: whose nodes it runs on.
        cpu: vCPUs of a replica, such as `6` or `500m`.
        memory: of a replica, such as `24Gi`; one that takes more is ended.
        concurrency: requests that a replica takes at a time; more replicas come before it has more.
        floor: replicas on demand that always run, of the slot in service; with 0 all of them come with the load.
        max: most replicas, burst and floor together.
        accelerator: of the pool.
        accelerators: of a replica.
        arguments: of the server.
        local_command: what a pod runs as on the local cloud; not on AWS.
        local_init: what fetches weights there; nothing does if empty.
        version: how the version it serves at first is called; the beginning of the weights' checksum if None.
        loader_image: runs the loader of weights, by digest; the server's own if None, which has to have python3 then.
    """

    variant: str
    image: pulumi.Input[str]
    weights: WeightsArgs
    start: StartArgs
    pool: str
    cpu: str
    memory: str
    concurrency: int
    floor: int
    max: int
    accelerator: Accelerator | None = None
    accelerators: int = 0
    arguments: list[str] = field(default_factory=list)
    local_command: list[str] = field(default_factory=list)
    local_init: list[str] = field(default_factory=list)
    version: str | None = None
    loader_image: pulumi.Input[str] | None = None

    @property
    def burst(self) -> int:
        """Most replicas that come with the load."""
        return self.max - self.floor


def by_digest(subject: str, image: pulumi.Input[str]) -> pulumi.Input[str]:
    """An image that is always the same; one that is known only later is checked then.

    Raises:
        ValueError: a sentence, when it has no digest.
    """
    if isinstance(image, str):
        return _checked(subject, image)
    return pulumi.Output.from_input(image).apply(lambda known: _checked(subject, known))


def _checked(subject: str, image: str) -> str:
    if not _IMAGE.fullmatch(image):
        raise ValueError(
            f"{subject} has image '{image}'; allowed: one by digest, such as models@sha256:<64 digits>. What a tag "
            "names can change, and then a node that starts tomorrow runs something else."
        )
    return image


def refuse_unfit(endpoint: str, variants: list[VariantArgs], *, scale_to_zero: bool) -> None:
    """Refuse variants that could not serve as they are.

    Raises:
        ValueError: a sentence with the variant, the values and the fix.
    """
    names = [each.variant for each in variants]
    if not names or len(set(names)) < len(names):
        raise ValueError(
            f"endpoint '{endpoint}' has variants {names}; allowed: at least one, and each once. Name those of its "
            "ladder that are deployed here."
        )
    for each in variants:
        subject = f"endpoint '{endpoint}', variant '{each.variant}',"
        by_digest(subject, each.image)
        if each.loader_image is not None:
            by_digest(f"{subject} loader_image", each.loader_image)
        _refuse_capacity(subject, each, scale_to_zero)
        _refuse_start(subject, each)


def _refuse_capacity(subject: str, args: VariantArgs, scale_to_zero: bool) -> None:
    if args.floor < 0 or (scale_to_zero and args.floor < 1):
        zero = " With scale_to_zero the floor is what comes back at the first request." if scale_to_zero else ""
        least = 1 if scale_to_zero else 0
        raise ValueError(f"{subject} has a floor of {args.floor} replicas; allowed: {least} or more.{zero}")
    if args.max < 1:
        raise ValueError(f"{subject} has at most {args.max} replicas, so nothing would ever serve; allowed: 1 or more.")
    if args.max < args.floor:
        raise ValueError(
            f"{subject} has at most {args.max} replicas and a floor of {args.floor}; allowed: max {args.floor} or more."
        )
    if args.concurrency < 1:
        raise ValueError(f"{subject} takes {args.concurrency} requests at a time; allowed: 1 or more.")
    if (args.accelerators > 0) != (args.accelerator is not None):
        kind = "no kind of them" if args.accelerator is None else f"'{args.accelerator.value}'"
        raise ValueError(
            f"{subject} has {args.accelerators} accelerators and {kind}; allowed: both or none. A replica without one "
            f"would keep a node of pool '{args.pool}' from those that need it, or never get onto it."
        )


def _refuse_start(subject: str, args: VariantArgs) -> None:
    start = args.start
    if min(start.image_bytes, start.bytes_per_second, start.start_seconds, args.weights.size_bytes) < 1:
        raise ValueError(
            f"{subject} says nothing of its start: image {start.image_bytes} bytes, weights {args.weights.size_bytes} "
            f"bytes at {start.bytes_per_second} bytes a second, then {start.start_seconds} s; allowed: all above 0. "
            "Recovery is computed from them, and how long a start may take before it is given up."
        )
    if not _SHA256.fullmatch(args.weights.sha256):
        raise ValueError(
            f"{subject} has weights with the checksum '{args.weights.sha256}'; allowed: the 64 digits that "
            "`sha256sum SHA256SUMS` prints."
        )
    if args.version is not None and not _VERSION.fullmatch(args.version):
        raise ValueError(
            f"{subject} has version '{args.version}'; allowed: a label's value, up to 63 letters, digits, '-', '_' and "
            "'.', such as 2026-05."
        )
