"""The benchmark still runs, on a few people; what it measures is judged by who runs it whole."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_the_benchmark_measures_both_databases(tmp_path):
    figures = tmp_path / "figures.json"
    line = [sys.executable, "-m", "benchmarks", "--uids", "300", "--requests", "300", "--json", str(figures)]
    done = subprocess.run(line, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "limit/service" in done.stdout
    assert {"sqlite", "postgresql"} <= set(json.dumps(json.loads(figures.read_text())).replace('"', " ").split())
