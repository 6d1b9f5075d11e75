"""What is shipped: both wheels, in an empty environment, serve a page and a validation."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import httpx
import pytest
from running import service

from keychain.web import bundle

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # it installs from the index

ROOT = Path(__file__).parents[2]

ASK = """
import json, sys
import oneid
payload = sys.stdin.read()
server = sys.argv[1]
credentials = oneid.register(server=server)
site = oneid.OneID(credentials.api_id, credentials.api_key, server=server)
user = site.verify(payload)
again = site.validate(payload)
print(json.dumps([oneid.__version__, user.uid, list(user.valid_signatures), again["code"]]))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> list[Path]:
    """The wheels of the service and of the SDK, built from the files that git knows."""
    folder = tmp_path_factory.mktemp("wheels")
    source = tmp_path_factory.mktemp("source")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    for project in (source, source / "sdk"):
        pip(sys.executable, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(project))
    return sorted(folder.glob("*.whl"))


def pip(python: str | Path, *arguments: str) -> None:
    line = [str(python), "-m", "pip", "--disable-pip-version-check", "-q", *arguments]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_wheels_hold_what_they_need_and_nothing_else(built):
    names = {}
    for wheel in built:
        with zipfile.ZipFile(wheel) as archive:
            names[wheel.name.partition("-")[0]] = set(archive.namelist())
    service_files, sdk_files = names["oneid_keychain"], names["oneid"]
    expected = {
        str(path.relative_to(ROOT)) for path in (ROOT / "keychain").rglob("*.py") if "__pycache__" not in path.parts
    }
    assert expected <= service_files
    assert "keychain/py.typed" in service_files
    assert {f"keychain/static/{path}" for path in bundle.read().files} <= service_files
    assert "oneid/py.typed" in sdk_files
    for files in names.values():
        assert not [name for name in files if name.startswith(("tests", "benchmarks", "docs", "data"))]
        assert [name for name in files if name.endswith("licenses/LICENSE")] or files is sdk_files


def test_both_wheels_in_an_empty_environment_serve_a_page_and_a_validation(built, tmp_path):
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    pip(python, "install", "--require-hashes", "-r", str(ROOT / "requirements" / "run.txt"))
    pip(python, "install", "--no-deps", *map(str, built))
    keychain = str(tmp_path / "venv" / "bin" / "keychain")
    with service(tmp_path / "data", command=(keychain,)) as started:
        page = httpx.get(started.url)
        assert page.status_code == 200
        assert "This is a Keychain." in page.text
        assert f"/static/{bundle.read().build}/" in page.text
        assert f'"{bundle.read().build}"' in httpx.get(f"{started.url}/js/oneid.js").text
        minted = subprocess.run([keychain, "payload"], capture_output=True, text=True, check=True, cwd=tmp_path).stdout
        done = subprocess.run(
            [python, "-c", ASK, started.url], input=minted, capture_output=True, text=True, check=False, cwd=tmp_path
        )
    assert '["ad", "repo"], "replayed_nonce"]' in done.stdout, done.stderr
    assert "0.1.0" in done.stdout
    version = subprocess.run([keychain, "--version"], capture_output=True, text=True, check=True).stdout
    assert version == "keychain, version 0.1.0\n"
