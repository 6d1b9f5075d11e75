"""The benchmark still runs, on a few people; what it measures is judged by who runs it whole."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


# What waits for seconds on a schedule is left out.
PARTS = "cost,growth,signin,phones,waiting"


@pytest.mark.timeout(900)
def test_the_benchmark_measures_both_databases(tmp_path):
    figures = tmp_path / "figures.json"
    few = ["--uids", "300", "--rows", "1000", "--clicks", "3", "--phones", "20"]
    line = [sys.executable, "-m", "benchmarks", "--only", PARTS, *few, "--json", str(figures)]
    done = subprocess.run(line, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert re.search(r" s  done\n(?:\d+ missed\n)?$", done.stderr), done.stderr  # this machine is busy: no matter
    assert "limit/service" in done.stdout
    assert "click to callback" in done.stdout
    assert done.stdout.count("open phones") == 4
    assert done.stdout.count("one more is told waiting_room_full") == 2
    assert {"sqlite", "postgresql"} <= set(json.dumps(json.loads(figures.read_text())).replace('"', " ").split())
