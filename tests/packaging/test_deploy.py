"""What deploy/ promises: kept linters find nothing there and do find faults, and it names only what there is."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import NamedTuple

import proxying
import pytest
import trustme
import yaml
from running import free_port

from keychain.cli import main
from keychain.errors import every_code
from keychain.settings import Settings, variable

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
FILES = sorted(path for path in DEPLOY.iterdir() if path.is_file())
UNITS = ["keychain.service", "keychain-backup.service"]

COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}


class Linter(NamedTuple):
    """A program that looks at one file, and a fault that it has to find there."""

    command: tuple[str, ...]
    file: str
    right: str
    wrong: str


VERIFY = ("systemd-analyze", "verify", "--man=no")
LINTERS = {
    "hadolint": Linter((f"{BIN}/hadolint",), "Containerfile", "3.13-slim-trixie${DIGEST} AS serve", "latest AS serve"),
    "yamllint": Linter((f"{BIN}/yamllint", "-s", "-c", f"{DEPLOY}/.yamllint"), "compose.yaml", "name: ", "name:   "),
    "compose-spec": Linter(
        (f"{BIN}/check-jsonschema", "--builtin-schema", "vendor.compose-spec"),
        "compose.yaml",
        "cap_drop: [ALL]",
        "cap_drop: ALL",
    ),
    "gixy": Linter((f"{BIN}/gixy",), "nginx.conf", "Host $host;", "Host $http_host;"),
    "shellcheck": Linter((f"{BIN}/shellcheck",), "keychain-admin", '"$@"\n', "$@\n"),
    "the service": Linter(VERIFY, "keychain.service", "Restart=on-failure", "Restart=maybe"),
    "the backup": Linter(VERIFY, "keychain-backup.service", "Nice=10", "Nice=much"),
    "the timer": Linter(VERIFY, "keychain-backup.timer", "OnCalendar=*-*-*", "OnCalendar=nightly"),
    "its exposure": Linter(
        ("systemd-analyze", "security", "--offline=true", "--threshold=11"),
        "keychain.service",
        "ProtectSystem=strict\n",
        "",
    ),
    "sysusers": Linter(("systemd-sysusers", "--dry-run"), "keychain.sysusers", "sign-in", "sign:in"),
}


def lint(linter: Linter, folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Run it over ``text``, beside the other files, as where they are installed."""
    for file in FILES:
        shutil.copy(file, folder)
    (folder / linter.file).write_text(text)
    for unit in folder.glob("keychain*.service"):  # the unit is read where the service is not installed
        unit.write_text(unit.read_text().replace("ExecStart=/opt/keychain/bin/keychain ", "ExecStart=/bin/true "))
    return subprocess.run(
        [*linter.command, str(folder / linter.file)], capture_output=True, text=True, check=False, cwd=folder
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", LINTERS)
def test_a_linter_finds_nothing_and_would_find_a_fault(name, tmp_path):
    linter = LINTERS[name]
    text = (DEPLOY / linter.file).read_text()
    clean = lint(linter, tmp_path, text)
    assert clean.returncode == 0, clean.stdout + clean.stderr
    assert linter.right in text
    faulty = lint(linter, tmp_path, text.replace(linter.right, linter.wrong))
    assert faulty.returncode != 0 or re.search(r"Failed to parse|Unknown", faulty.stderr), faulty.stdout


@pytest.mark.slow
def test_nginx_takes_its_configuration_and_would_refuse_a_faulty_one(tmp_path):
    certificate = tmp_path / "certificate.pem"
    trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    path = proxying.written(tmp_path, certificate, free_port(), free_port(), (free_port(), free_port()))
    done = proxying.tested(path)
    assert (done.returncode, done.stderr) == (0, "")
    path.write_text(path.read_text().replace("least_conn;", "most_conn;"))
    assert proxying.tested(path).returncode != 0


# What is named is there.


def test_every_setting_that_is_named_exists():
    known = {variable(setting) for setting in fields(Settings)}
    known |= {f"{variable(setting)}_FILE" for setting in fields(Settings) if setting.metadata["secret"]}
    named = {name for file in FILES for name in re.findall(r"KEYCHAIN_[A-Z_]*[A-Z]", file.read_text())}
    assert named - known == set()
    assert len(named) > 10


def test_what_is_copied_into_the_container_exists_and_is_not_ignored():
    container = (DEPLOY / "Containerfile").read_text()
    copied = {
        name for line in re.findall(r"^COPY (?!--from)(.+)$", container, re.MULTILINE) for name in line.split()[:-1]
    }
    passed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == passed
    assert not [name for name in copied if not (ROOT / name).exists()]


def test_every_command_that_is_run_exists():
    entry, run = re.findall(r'^(?:ENTRYPOINT|CMD) \["(\w+)"', (DEPLOY / "Containerfile").read_text(), re.MULTILINE)
    assert entry == "keychain"
    commands = {run}
    commands |= {service["command"][0] for service in OURS.values() if "command" in service}
    for file in FILES:
        commands |= set(re.findall(r"/opt/keychain/bin/keychain ([a-z]+)", file.read_text()))
    assert commands >= {"serve", "migrate", "backup"}
    assert commands <= set(main.commands)


def test_the_image_has_the_version_of_the_project():
    [version] = re.findall(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    for file in ("Containerfile", "compose.yaml"):
        text = (DEPLOY / file).read_text()
        assert set(re.findall(r'(?:keychain(?:-tools)?:|image\.version=")(\d[\w.]+)', text)) == {version}


def test_every_image_is_one_of_a_named_version():
    container = (DEPLOY / "Containerfile").read_text()
    stages = set(re.findall(r" AS (\w+)", container))
    images = {image for image in re.findall(r"^FROM (\S+)", container, re.MULTILINE) if image not in stages}
    images |= {service["image"] for service in SERVICES.values()}
    assert len(images) >= 5
    for image in images:
        assert re.search(r":\d", image), image


# What must not be, and what has to hold.


def test_no_secret_is_written_into_a_file():
    secrets = {variable(setting) for setting in fields(Settings) if setting.metadata["secret"]}
    for name, service in SERVICES.items():
        for setting, value in service.get("environment", {}).items():
            if re.search(r"(PASSWORD|KEYS?|TOKEN|URL)(_FILE)?$", setting):
                assert value.startswith("/run/secrets/"), (name, setting)
            if setting in secrets:
                assert re.fullmatch(r"redis://\w+:\d+", value), setting
    for file in FILES:
        given = re.findall(r"\b(KEYCHAIN_[A-Z_]*[A-Z])=", file.read_text())
        assert not secrets & set(given), file
    assert {secret["file"].split("/")[1] for secret in COMPOSE["secrets"].values()} == {"secrets"}
    assert "/secrets/" in (DEPLOY / ".gitignore").read_text().splitlines()


def test_nodes_and_proxy_run_with_nothing_that_they_do_not_need():
    for name in {*OURS, "limits", "proxy"}:
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "cap_add" not in service
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert OURS.get(name) or service["user"].split(":")[0] != "0"
    assert re.findall(r"^USER (\S+)", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)[-1] == "10001:10001"
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["back"]["internal"] is True
    assert SERVICES["postgres"]["networks"] == SERVICES["limits"]["networks"] == ["back"]
    assert not {"fsync", "synchronous_commit"} & set(re.findall(r"\w+", str(SERVICES["postgres"])))


def test_the_proxy_knows_the_nodes_and_the_nodes_trust_the_proxy_alone():
    places = {name: SERVICES[name]["networks"]["front"]["ipv4_address"] for name in ("node1", "node2", "proxy")}
    text = (DEPLOY / "nginx.conf").read_text()
    assert set(re.findall(r"server (\S+):8000 ", text)) == {places["node1"], places["node2"]}
    for name in ("node1", "node2"):
        assert SERVICES[name]["environment"]["KEYCHAIN_TRUSTED_PROXIES"] == places["proxy"]


def test_both_units_are_hardened_alike():
    first, second = (
        re.search(r"^NoNewPrivileges.*?(?=\n\n|\Z)", (DEPLOY / unit).read_text().rstrip(), re.MULTILINE | re.DOTALL)[0]
        for unit in UNITS
    )
    assert first == second


def test_a_start_that_is_refused_is_tried_again_however_often():
    unit, service = (DEPLOY / "keychain.service").read_text().split("[Service]")
    assert "\nStartLimitIntervalSec=0\n" in unit
    assert {"Restart=on-failure", "RestartSec=2"} <= set(service.splitlines())
    nodes = [OURS[name] for name in ("node1", "node2")]
    assert {node["restart"] for node in nodes} == {"unless-stopped"}


def test_what_the_proxy_says_by_itself_is_what_the_service_would_say():
    known = {(error.status, error.errorcode, error.code, error.message) for error in every_code()}
    answers = re.findall(r"return (\d+) '(\{.+\})\\n';", (DEPLOY / "nginx.conf").read_text())
    assert len(answers) == 6
    for status, text in answers:
        answer = json.loads(text)
        assert (int(status), answer["errorcode"], answer["code"], answer["error"]) in known
        assert (answer["attr_claims"], answer["request_id"]) == ({}, "$request_id")
