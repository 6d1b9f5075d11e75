"""The short run of ``make fuzz``, and once more whatever was ever found."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz import found
from tests.fuzz.world import opened

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.parametrize("seed", [1, random.SystemRandom().randrange(2, 10**6)], ids=["seed 1", "another seed"])
def test_hostile_bodies_get_neither_a_success_nor_a_5xx_and_leave_nothing_behind(seed):
    command = [sys.executable, "-m", "tests.fuzz", "--bodies", "10000", "--processes", "1", "--seed", str(seed)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    print(ran.stdout, ran.stderr)
    assert ran.returncode == 0


def test_what_was_found_once_is_refused_for_good():
    requests = list(found.kept())
    assert requests
    with opened() as world:
        for sent in requests:
            world.ask(sent)
        world.check_rows()
