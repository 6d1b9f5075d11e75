"""``keychain payload`` and the try-out credentials: what a newcomer tries things with."""

import json
import shlex
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conftest import empty

from keychain.app import utc_now
from keychain.cli import tryout
from keychain.settings import Settings
from keychain.store import engine
from keychain.validation import sites


def test_a_minted_payload_validates_once(run, asked):
    site = asked
    minted = json.loads(run("payload"))
    assert site.code(minted) == "success"
    assert site.code(minted) == "replayed_nonce"
    worded = json.loads(run("payload", "--message", "Pay?", "--title", "Shop"))
    assert site.code(worded | {"message": "Pay!"}) == "words_not_approved"
    assert site.validate(worded)["valid_signatures"] == ["ad", "repo", "cd"]


def test_a_minted_curl_has_credentials_that_hold_and_keeps_them(run, database, tmp_path):
    lines = [shlex.split(run("payload", "--curl")) for _ in range(2)]
    pairs = {line[2] for line in lines}
    assert len(pairs) == 1
    api_id, _, api_key = pairs.pop().partition(":")
    sites.authenticate(database, api_id, api_key)
    kept = tmp_path / "data" / tryout.FILE
    assert kept.stat().st_mode & 0o777 == 0o600
    sites.revoke(database, api_id, utc_now())
    assert shlex.split(run("payload", "--curl", "--server", "https://id.example"))[2] != f"{api_id}:{api_key}"
    Path(kept).write_text("damaged")
    assert "curl -u" in run("payload", "--curl")
    assert kept.stat().st_mode & 0o777 == 0o600


def test_try_out_credentials_do_not_need_the_data_directory_and_many_may_ask_at_once(
    run, postgresql, monkeypatch, tmp_path
):
    monkeypatch.setenv("KEYCHAIN_DATABASE_URL", postgresql)
    store = engine.open_store(Settings(database_url=postgresql))
    settings = Settings(data_dir=tmp_path / "absent")

    def ask(_) -> str:
        with store.session() as session:
            return tryout.credentials(session, settings, utc_now()).api_id

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4)))
    assert ask(0) == ask(1)
    empty(store)
    store.close()
