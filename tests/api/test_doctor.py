"""``keychain doctor``: what it looks at, and what it advises."""

import json

from keychain.app import utc_now


def test_doctor_finds_what_is_wrong_and_says_what_to_do(run, database, tmp_path, monkeypatch):
    assert "wrong" not in run("doctor")
    (tmp_path / "data" / "keychain.db").chmod(0o644)
    output = run("doctor", fails=1)
    assert "chmod 600" in output
    assert {finding["state"] for finding in json.loads(run("doctor", "--json", fails=1))} == {"ok", "wrong"}
    monkeypatch.setenv("KEYCHAIN_WORKERS", "4")
    assert "counts for itself" in run("doctor", fails=1)
    monkeypatch.setenv("KEYCHAIN_PORT", "x")
    assert "KEYCHAIN_PORT has to be" in run("doctor", fails=1)


def test_doctor_before_the_first_start_is_content(run):
    assert "none yet" in run("doctor")


def test_doctor_notices_a_clock_that_is_wrong(run, database, monkeypatch):
    from datetime import timedelta

    from keychain.cli import doctor

    monkeypatch.setattr(doctor, "utc_now", lambda: utc_now() + timedelta(hours=1))
    assert "differs from the database's by 36" in run("doctor", fails=1)


def test_a_service_that_others_reach_is_told_that_it_has_no_mail_server(run, monkeypatch):
    assert "mail server" not in run("doctor")
    beyond = {"ORIGIN": "https://id.example.org", "UNKNOWN_UID": "refuse", "MASTER_KEYS": f"1:{'A' * 43}="}
    for name, value in beyond.items():
        monkeypatch.setenv(f"KEYCHAIN_{name}", value)
    assert "no mail server is set, so no address can be proved" in run("doctor")
    monkeypatch.setenv("KEYCHAIN_SMTP_HOST", "mail.example.org")
    monkeypatch.setenv("KEYCHAIN_MAIL_FROM", "oneid@id.example.org")
    assert "mail server" not in run("doctor")


def test_a_secret_that_systemd_lent_is_private_enough_and_the_same_file_elsewhere_is_not(run, tmp_path, monkeypatch):
    lent = tmp_path / "credentials"
    lent.mkdir(mode=0o750)
    lent.chmod(0o750)  # the mask of an entry for the service's user shows as bits of the group
    file = lent / "master_keys"
    file.write_text(f"1:{'A' * 43}=")  # pragma: allowlist secret
    file.chmod(0o440)
    monkeypatch.setenv("KEYCHAIN_MASTER_KEYS_FILE", str(file))
    assert f"chmod 600 {file}" in run("doctor", fails=1)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(lent))
    assert f"{file} is this service's alone, by systemd" in run("doctor")
    for opened, mode in ((file, 0o444), (file, 0o460), (lent, 0o755)):
        former = opened.stat().st_mode
        opened.chmod(mode)
        assert f"chmod 600 {file}" in run("doctor", fails=1)
        opened.chmod(former)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "data"))
    assert f"chmod 600 {file}" in run("doctor", fails=1)
