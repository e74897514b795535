"""How a pod leaves: no new requests, the old ones finish, and all of it within the notice of a spot instance."""

from dataclasses import dataclass

from pulumi_kubernetes.core.v1 import LifecycleArgs, LifecycleHandlerArgs, SleepActionArgs

from stanchion.serving.spot_notice import ENDS_WITHIN, LEAVES_WITHIN, LONGEST, SPOT_NOTICE


@dataclass(frozen=True)
class Drain:
    """The end of a pod.

    The whole time passes before the server is told to end, not after: vLLM aborts what it has in flight when it is told
    (vLLM issue 24885 and pull request 36666, read 2026-11-27), and no tool has to be in the image for that.

    Args:
        request_seconds: the longest request that finishes.
    """

    request_seconds: int

    @property
    def waits(self) -> int:
        """Seconds until the server is told."""
        return LEAVES_WITHIN + self.request_seconds

    @property
    def grace(self) -> int:
        """Seconds until it is killed, from the beginning."""
        return self.waits + ENDS_WITHIN

    def lifecycle(self) -> LifecycleArgs:
        """The hook; the kubelet waits by itself."""
        return LifecycleArgs(pre_stop=LifecycleHandlerArgs(sleep=SleepActionArgs(seconds=self.waits)))


def drain(subject: str, request_seconds: int) -> Drain:
    """The end of a pod.

    Args:
        subject: whose pod it is, for the sentence.
        request_seconds: the longest request that has to finish.

    Raises:
        ValueError: a sentence, when that is more than the notice of a spot instance leaves.
    """
    if not 0 < request_seconds <= LONGEST:
        raise ValueError(
            f"{subject} has requests of up to {request_seconds} s; allowed: 1 s to {LONGEST} s, since a spot instance "
            f"goes {SPOT_NOTICE} s after its notice, and reading it, leaving the gateways and ending the server take "
            f"{SPOT_NOTICE - LONGEST} s of them. Stream longer answers in parts, or give them to a batch endpoint."
        )
    return Drain(request_seconds)
