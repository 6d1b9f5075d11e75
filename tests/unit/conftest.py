"""How hypothesis runs here: in seconds."""

from hypothesis import settings

settings.register_profile("unit", parent=settings.get_profile("patient"), max_examples=70)
settings.load_profile("unit")
