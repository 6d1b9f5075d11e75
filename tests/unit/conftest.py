"""How hypothesis runs here: in seconds, and a slow machine is no failure."""

from hypothesis import HealthCheck, settings

settings.register_profile("unit", max_examples=70, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unit")
