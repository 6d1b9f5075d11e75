"""A backup while a real service works, and its restore: nothing acknowledged is lost, nothing spent is taken again."""

import base64
import json
import os
import subprocess
import sys
import time
from contextlib import closing

import pytest
import running as processes
import traffic
from authenticator import Person
from conftest import DATABASES
from places import Place, place
from sqlalchemy import select, text

from keychain.app import utc_now
from keychain.store import engine, schema
from keychain.store.tables import records, sites, spent_nonces

pytestmark = pytest.mark.slow

FILLED = 30_000  # so that a backup takes its time
SECONDS = 1.0
FILL = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :filled)"
    " INSERT INTO spent_nonces SELECT '0012026-11-21T00:00:00Z' || (1000000 + i), 'AAECAwQFBgcICQoLDA0ODw==', '',"
    " CURRENT_TIMESTAMP FROM n",
    "postgresql": "INSERT INTO spent_nonces SELECT '0012026-11-21T00:00:00Z' || (1000000 + i),"
    " 'AAECAwQFBgcICQoLDA0ODw==', '', now() FROM generate_series(1, :filled) AS i",
}


@pytest.fixture(params=DATABASES)
def at(request, tmp_path):
    cluster = request.getfixturevalue("postgresql") if request.param == "postgresql" else ""
    with place(request.param, tmp_path, cluster) as made:
        with closing(engine.open_store(made.settings)) as store:
            schema.upgrade(store)
            with store.session() as session, session.transaction() as connection:
                connection.execute(text(FILL[request.param]), {"filled": FILLED})
        yield made


def keychain(at: Place, *line: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KEYCHAIN_")}
    done = subprocess.run(
        [sys.executable, "-m", "keychain", *line],
        env=kept | at.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class Site:
    def __init__(self, url: str) -> None:
        self.ask = traffic.asking(url)
        fresh = self.register()
        basic = base64.b64encode(f"{fresh['API_ID']}:{fresh['API_KEY']}".encode()).decode()
        self.api_id, self.headers = fresh["API_ID"], {"Authorization": f"Basic {basic}"}

    def register(self):
        status, fresh = self.ask("/register", method="GET")
        assert (status, fresh["errorcode"]) == (200, 0), fresh
        return fresh

    def code(self, payload) -> str:
        return self.ask("/validate", json.dumps(payload).encode(), self.headers)[1].get("code", "success")

    def deeds(self):
        known = Person()

        def signed_in(person: Person):
            payload = person.payload(utc_now())
            assert (code := self.code(payload)) == "success", code
            return payload

        signed_in(known)
        return [
            ("registered", lambda: self.register()["API_ID"]),
            ("first", lambda: signed_in(Person())),
            *[("validated", lambda: signed_in(known))] * 3,
        ]


def spent(payload) -> tuple[str, str]:
    signed = payload["nonces"]["ad"]["nonce"].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(signed + "==="))["nonce"], payload["uid"]


ROOM = {"register_limit": "1000000/minute", "first_use_limit": "1000000/minute"}


def test_nothing_acknowledged_is_missing_from_a_backup_and_nothing_spent_is_taken_after_it(at, tmp_path):
    with processes.service(at.data, workers="2", **ROOM, **at.named) as running:
        site = Site(running.url)
        with traffic.running(site.deeds) as seen:
            time.sleep(SECONDS)
            began = time.monotonic()
            keychain(at, "backup", str(tmp_path / "b"))
            ended = time.monotonic()
            time.sleep(SECONDS)
    assert seen.failed == seen.unanswered == []
    slow = {name: seen.slowest_twentieth(name, began, ended) for name in ("validated", "first", "registered")}
    assert max(slow.values()) < 5 * 1, slow  # a second is meant of one in twenty; the machine may be busy
    keychain(at, "restore", "--yes", str(tmp_path / "b"))

    with closing(engine.open_store(at.settings)) as store, store.session() as session:
        assert {row.api_id for row in session.rows(select(sites.c.api_id))} >= set(seen.of("registered", began))
        uids = {row.uid for row in session.rows(select(records.c.uid))}
        kept = set(map(tuple, session.rows(select(spent_nonces.c.nonce, spent_nonces.c.uid))))
    assert uids >= {payload["uid"] for payload in seen.of("first", began)}
    accepted = seen.of("first") + seen.of("validated")
    assert kept >= {spent(payload) for name in ("first", "validated") for payload in seen.of(name, began)}
    forgotten = [payload for payload in accepted if spent(payload) not in kept]
    assert forgotten, "some were spent after the backup began"

    with processes.service(at.data, workers="2", **ROOM, **at.named) as running:
        site.ask = traffic.asking(running.url)
        again = [site.code(payload) for payload in forgotten[-60:] + accepted[:20]]
    assert set(again) <= {"nonce_expired", "replayed_nonce"}
    assert again.count("nonce_expired") >= len(forgotten[-60:])
