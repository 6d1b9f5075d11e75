"""The benchmark still runs, on a few people; what it measures is judged by who runs it whole."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_the_benchmark_measures_both_databases(tmp_path):
    figures = tmp_path / "figures.json"
    few = ["--uids", "300", "--requests", "300", "--clicks", "3", "--phones", "20", "--waits", "200"]
    line = [sys.executable, "-m", "benchmarks", *few, "--json", str(figures)]
    done = subprocess.run(line, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "limit/service" in done.stdout
    assert "click to callback" in done.stdout
    assert done.stdout.count("open phones") == 2
    assert done.stdout.count("one more is told waiting_room_full") == 2
    assert {"sqlite", "postgresql"} <= set(json.dumps(json.loads(figures.read_text())).replace('"', " ").split())
