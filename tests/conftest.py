"""What holds for all tests."""

from hypothesis import HealthCheck, settings

# How long one example takes says how busy the machine is, not whether the program is right; pytest's own timeout ends
# what hangs.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")
