import threading
import time

import pytest

from sandbox.kubernetes_provider.waiting import DEFAULT_SECONDS, Patience
from sandbox.provider.errors import ProviderError


@pytest.mark.parametrize(
    ("said", "timeout", "seconds"),
    [("", 0, DEFAULT_SECONDS), ("7", 0, 7), ("7", 3, 3), ("soon", 0, DEFAULT_SECONDS), ("0", 0, DEFAULT_SECONDS)],
)
def test_how_long(said: str, timeout: float, seconds: float):
    document = {"metadata": {"annotations": {"pulumi.com/timeoutSeconds": said}}}
    assert Patience.of(document, timeout, threading.Event()).seconds == seconds


def test_it_looks_at_once_and_at_the_end():
    begun = time.monotonic()
    assert 2 <= sum(1 for _ in Patience(0.2).looks()) < 6
    assert 0.2 <= time.monotonic() - begun < 1


def test_the_engine_cancels():
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(ProviderError, match="was cancelled"):
        list(Patience(60, cancelled).looks())
