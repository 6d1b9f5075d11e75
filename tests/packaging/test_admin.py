"""deploy/keychain-admin, run before a stand-in of systemd that treats arguments as systemd.service(5) says."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
SCRIPT = (DEPLOY / "keychain-admin").read_text()
SERVICE, BACKUP = ((DEPLOY / name).read_text() for name in ("keychain.service", "keychain-backup.service"))

# ${X} is a variable of the unit's, also inside a word; a word that is $X is one, split; two $ are one. Credentials are
# copies in a directory of the unit's own.
SYSTEMD_RUN = r"""
import os, re, shutil, sys
words, here = sys.argv[1:], os.path.dirname(sys.argv[0])
os.environ["CREDENTIALS_DIRECTORY"] = lent = here + "/lent"
while words[0].startswith("--"):
    option, _, value = words.pop(0).partition("=")
    if option == "--setenv":
        os.environ.__setitem__(*value.split("=", 1))
    if value.startswith("LoadCredential="):
        name, path = value.removeprefix("LoadCredential=").split(":")
        os.makedirs(lent, exist_ok=True)
        shutil.copy(here + path, lent + "/" + name)

def expanded(word):
    if re.match(r"\$[^{$]", word):
        return os.environ.get(word[1:], "").split()
    return [re.sub(r"\$\$|\$\{(\w+)\}", lambda it: os.environ.get(it[1], "") if it[1] else "$", word)]

words = [each for word in words for each in expanded(word)]
os.execv(words[0], words)
"""
KEYCHAIN = """
import json, os, sys
print(json.dumps([sys.argv[1:], {name: value for name, value in os.environ.items() if name.startswith("KEYCHAIN_")}]))
"""
SYSTEMCTL = """
import os, sys
assert sys.argv[1:] == ["cat", "keychain.service"]
print(open(os.path.dirname(sys.argv[0]) + "/unit").read())
"""


def lines(unit: str, key: str) -> set[str]:
    """The values of a key, those included that are commented out."""
    return set(re.findall(rf"^#?{key}=(.*)$", unit, re.MULTILINE))


@pytest.fixture
def admin(tmp_path):
    """Runs the script beside this keychain.service; what the command inside got as arguments and as settings."""
    secrets = tmp_path / "etc/keychain/secrets"
    secrets.mkdir(parents=True)
    for name in ("master_keys", "master_keys~", "database_url", "tls_certificate", "tls_key", "smtp_password"):
        (secrets / name).write_text(f"that of {name}")
    (tmp_path / "keychain-admin").write_text(SCRIPT.replace("/opt/keychain/bin/", f"{tmp_path}/"))
    for name, text in (("systemd-run", SYSTEMD_RUN), ("keychain", KEYCHAIN), ("systemctl", SYSTEMCTL)):
        (tmp_path / name).write_text(f"#!{sys.executable}\n{text}")
        (tmp_path / name).chmod(0o755)

    def run(unit: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
        (tmp_path / "unit").write_text(unit)
        done = subprocess.run(
            ["/bin/sh", str(tmp_path / "keychain-admin"), *arguments],
            capture_output=True,
            text=True,
            check=True,
            env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "x": "what systemd knows"},
        )
        got, settings = json.loads(done.stdout)
        return got, settings

    return run


def test_nothing_in_the_script_is_what_systemd_would_put_a_variable_into():
    [quoted] = re.findall(r"/bin/sh -c '(.*?)'", SCRIPT, re.DOTALL)
    assert "$CREDENTIALS_DIRECTORY" in quoted
    assert "${" not in quoted
    assert "$$" not in quoted


@pytest.mark.slow
def test_the_command_gets_the_services_secrets_and_no_other_file(admin, tmp_path):
    got, settings = admin(SERVICE, "doctor", "--json")
    assert got == ["doctor", "--json"]
    assert settings == {
        "KEYCHAIN_DATA_DIR": "/var/lib/keychain",
        "KEYCHAIN_MASTER_KEYS_FILE": f"{tmp_path}/lent/master_keys",
    }
    assert (tmp_path / "lent/master_keys").read_text() == "that of master_keys"
    assert [file.name for file in (tmp_path / "lent").iterdir()] == ["master_keys"]


@pytest.mark.slow
def test_what_is_switched_on_in_the_unit_reaches_the_command_too(admin, tmp_path):
    everything = re.sub(r"^#((?:LoadCredential|Environment)=)", r"\1", SERVICE, flags=re.MULTILINE)
    _, settings = admin(everything, "doctor")
    given = {name: Path(value).name for name, value in settings.items() if value.startswith(f"{tmp_path}/lent/")}
    assert given == {
        "KEYCHAIN_MASTER_KEYS_FILE": "master_keys",
        "KEYCHAIN_DATABASE_URL_FILE": "database_url",
        "KEYCHAIN_SMTP_PASSWORD_FILE": "smtp_password",  # pragma: allowlist secret
        "KEYCHAIN_TLS_CERTIFICATE": "tls_certificate",
        "KEYCHAIN_TLS_KEY": "tls_key",
    }
    assert {file.name for file in (tmp_path / "lent").iterdir()} == set(given.values())


@pytest.mark.slow
def test_what_an_operator_types_arrives_as_it_was_typed(admin):
    typed = ["register", "--name", "$x", "${x}", "a $x ${x} $$ b", 'Ann\'s "shop"', "", "two\nlines\n", "*", "\\", "-n"]
    assert admin(SERVICE, *typed)[0] == typed


def test_the_backup_has_the_secrets_of_the_service_and_each_is_used_where_it_is_loaded():
    secrets, others = lines(SERVICE, "LoadCredential"), lines(BACKUP, "LoadCredential")
    assert secrets - others == {f"{name}:/etc/keychain/secrets/{name}" for name in ("tls_certificate", "tls_key")}
    assert others <= secrets
    for unit in (SERVICE, BACKUP):
        loaded = {line.split(":")[0] for line in lines(unit, "LoadCredential")}
        used = {line.partition("=%d/")[2] for line in lines(unit, "Environment") if "=%d/" in line}
        assert loaded == used
