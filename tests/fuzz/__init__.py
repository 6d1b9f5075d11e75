"""Hostile bodies by the million against the real application in this process: ``python -m tests.fuzz`` (``make fuzz``).

``grammar`` breaks freshly signed requests in one place or more, each so that nothing but a refusal may follow;
``guided`` lets coverage choose what to break. ``world`` is the application, with people and a phone on record; every
answer is held against the same promises there.
"""

import sys
from pathlib import Path

# What tests share is beside this folder. pytest looks there by its settings; a run of its own has to be told.
if (_tests := str(Path(__file__).parents[1])) not in sys.path:
    sys.path.append(_tests)
