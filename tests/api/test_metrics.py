"""The metrics: what a worker counts, what the exporter adds up, and what neither ever tells."""

import base64
import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from authenticator import Key, Person
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from site_client import SiteClient

from keychain.app import create_app
from keychain.cli import totals
from keychain.cli.totals import Totals
from keychain.settings import Settings
from keychain.web import meters
from keychain.web.meters import Meters

DOORS = frozenset({"/validate", "/make_nonce"})
CODES = ("success", "replayed_nonce", "malformed_uid")
Page = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def wire():
    """A worker's end and the exporter's, as ``keychain serve`` makes them."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    for end in (ours, theirs):
        end.setblocking(False)
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def kept() -> Totals:
    return Totals(Settings(workers=2, threads=3))


def carry(counting: Meters, kept: Totals, wire, now: float = 0.0) -> None:
    """Report as often as it takes, and let the exporter have it all."""
    ours, theirs = wire
    while True:
        counting.report(ours)
        with contextlib.suppress(BlockingIOError):
            while True:
                kept.take(theirs.recv(65_536), now)
        if not counting.fold():
            return


def text(kept: Totals) -> str:
    registry = CollectorRegistry()
    registry.register(kept)
    return generate_latest(registry).decode()


def read(page: str) -> Page:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def value(page: Page, name: str, **labels: str) -> float:
    """The sum of all samples of this name that have these labels."""
    return sum(number for (named, has), number in page.items() if named == name and labels.items() <= dict(has).items())


def labels(page: Page, name: str, label: str) -> set[str]:
    return {dict(has)[label] for named, has in page if named == name}


def test_what_was_counted_is_on_the_page_with_its_door_code_and_time(kept, wire):
    counting = Meters(DOORS, {"waiting": lambda: 7.0})
    for seconds in (0.0005, 0.0006, 0.004, 47.0, 3600.0):
        counting.tally("/validate", "POST", "200", "success", seconds)
    counting.tally("/validate", "POST", "200", "replayed_nonce", 0.001)
    counting.tally("/make_nonce", "GET", "401", "credentials_refused", 0.001)
    counting.judged(["success", "success", "bad_signature"])
    counting.first_use()
    carry(counting, kept, wire)
    page = read(text(kept))
    requests = {"door": "/validate", "method": "POST", "status": "200"}
    assert value(page, "keychain_requests_total", code="success", **requests) == 5
    assert value(page, "keychain_requests_total", code="replayed_nonce", **requests) == 1
    assert value(page, "keychain_requests_total", door="/make_nonce", status="401") == 1
    assert value(page, "keychain_validations_total", asked="alone") == 6
    assert value(page, "keychain_validations_total", asked="batch", code="success") == 2
    assert value(page, "keychain_validations_total", code="bad_signature") == 1
    assert value(page, "keychain_first_uses_total") == 1
    seconds = "keychain_request_duration_seconds"
    counts = {end: value(page, f"{seconds}_bucket", door="/validate", le=end) for end in ("0.0005", "0.001", "60.0")}
    assert counts == {"0.0005": 1, "0.001": 3, "60.0": 5}
    assert value(page, f"{seconds}_count", door="/validate") == 6
    assert value(page, f"{seconds}_sum", door="/validate") == pytest.approx(3647.0061)
    assert value(page, "keychain_requests_waiting", worker="1") == 7
    assert value(page, "keychain_limit", of="connections") == 3
    assert re.search(r'keychain_build_info\{python="3[^"]+",version="\d[^"]+"\} 1.0', text(kept))


def test_each_report_is_added_and_nothing_is_counted_twice(kept, wire):
    counting = Meters(DOORS, {})
    for total in (1, 2, 3):
        counting.tally("/validate", "POST", "200", "success", 0.001)
        carry(counting, kept, wire)
        assert value(read(text(kept)), "keychain_requests_total") == total
    carry(counting, kept, wire)
    assert value(read(text(kept)), "keychain_requests_total") == 3


def test_what_nobody_takes_is_kept_for_later_and_holds_up_nobody(kept, wire):
    ours, _ = wire
    counting = Meters(DOORS, {})
    for _ in range(1000):
        counting.tally("/validate", "POST", "200", "success", 0.001)
        counting.report(ours)  # nobody reads: soon the system takes no more
    carry(counting, kept, wire)
    assert value(read(text(kept)), "keychain_requests_total") == 1000


def test_an_exporter_that_is_gone_costs_the_worker_nothing(wire):
    ours, theirs = wire
    theirs.close()
    counting = Meters(DOORS, {})
    for _ in range(3):
        counting.tally("/validate", "POST", "200", "success", 0.001)
        counting.report(ours)
    assert counting.fold()["requests", "/validate", "POST", "200", "success"] == [3]


def test_where_nothing_is_reported_memory_is_bounded():
    counting = Meters(DOORS, {})
    for _ in range(meters.QUEUED_AT_MOST + 1000):
        counting.tally("/validate", "POST", "200", "success", 0.001)
        counting.judged(["success"])
        counting.first_use()
    folded = counting.fold()
    assert folded["requests", "/validate", "POST", "200", "success"] == [meters.QUEUED_AT_MOST]
    assert folded["first_uses",] == [meters.QUEUED_AT_MOST]


def test_a_request_pays_a_microsecond_at_most():
    tallied, folded = [], []
    for _ in range(10):
        counting = Meters(DOORS, {})
        began = time.thread_time()
        for _ in range(1000):
            counting.tally("/validate", "POST", "200", "success", 0.001)
        tallied.append(time.thread_time() - began)
        began = time.thread_time()
        counting.fold()
        folded.append(time.thread_time() - began)
    each, folding = (min(seconds) / 1000 * 1e6 for seconds in (tallied, folded))
    print(f"a request: {each:.2f} us, and {folding:.2f} us in the thread that folds")
    assert each < 5 * 1.0, "1 us is the ceiling; fivefold slack for a busy machine"
    assert folding < 5 * 2.0


def test_ten_thousand_made_up_paths_methods_and_codes_give_one_series_each(kept, wire):
    counting = Meters(DOORS, {})
    for n in range(10_000):
        counting.tally(f"/{n}", f"M{n}", f"{n}", f"code_{n}", 0.001)
        counting.judged([f"code_{n}"])
    carry(counting, kept, wire)
    page = read(text(kept))
    assert labels(page, "keychain_requests_total", "door") == {"unknown"}
    assert labels(page, "keychain_requests_total", "method") == {"other"}
    assert labels(page, "keychain_requests_total", "code") == {"other"}
    assert labels(page, "keychain_validations_total", "code") == {"other"}
    assert labels(page, "keychain_request_duration_seconds_count", "door") == {"unknown"}
    assert value(page, "keychain_requests_total") == 10_000


def gauge_of(now: float) -> Meters:
    return Meters(DOORS, {"waiting": lambda: now})


def test_a_worker_that_is_gone_is_forgotten_and_what_it_counted_stays(kept, wire):
    worker = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    kept.take(b'{"worker": %d, "gauges": {"waiting": 3}, "sums": [[["first_uses"], [5]]]}' % worker.pid, 0.0)
    carry(gauge_of(4), kept, wire)
    kept.forget(1.0)
    assert labels(read(text(kept)), "keychain_requests_waiting", "worker") == {"1", "2"}
    worker.kill()
    worker.communicate()
    kept.forget(1.0)
    page = read(text(kept))
    assert value(page, "keychain_workers") == 1
    assert value(page, "keychain_requests_waiting") == 4
    assert value(page, "keychain_first_uses_total") == 5
    kept.forget(totals.GONE_AFTER)  # the other one lives, and said nothing for so long
    assert value(read(text(kept)), "keychain_workers") == 0


def test_the_next_worker_is_shown_under_the_number_that_became_free(kept):
    for pid in (os.getpid(), os.getppid()):
        kept.take(b'{"worker": %d, "gauges": {"waiting": 1}}' % pid, 0.0)
    for _ in range(5):
        kept.take(b'{"worker": %d}' % os.getppid(), totals.GONE_AFTER)
        kept.forget(totals.GONE_AFTER)
        kept.take(b'{"worker": %d, "gauges": {"waiting": 1}}' % os.getpid(), totals.GONE_AFTER)
    assert labels(read(text(kept)), "keychain_requests_waiting", "worker") == {"1", "2"}


def test_no_credential_uid_address_or_path_is_ever_on_the_page(config, store, clock, kept, wire):
    app = create_app(replace(config, metrics_port=9464), clock=clock, store=store)
    site = SiteClient.registered(app, clock)
    person = Person("ad", "repo", "cd")
    secrets = {site.api_id, site.api_key, person.uid, "sesame", "hunter2", "127.0.0.1", "192.0.2.7", "ann@example.org"}
    secrets.add(base64.b64encode(f"{site.api_id}:{site.api_key}".encode()).decode())
    payload = person.payload(clock.now) | {"attr": {"email": {"email": "ann@example.org"}}, "request": "sesame"}
    for part in payload["nonces"].values():
        secrets |= {part["key"], part["nonce"], *part["nonce"].split(".")}
    assert site.code(payload) == "success"
    assert site.code(payload) == "repeated_request"
    person.keys["cd"] = Key()
    assert site.code(person.payload(clock.now)) == "key_not_on_record"
    site.ask("/validate_batch", {"payloads": [person.payload(clock.now)]})
    site.ask("/validate", payload, auth=(site.api_id, "hunter2"), environ_base={"REMOTE_ADDR": "192.0.2.7"})
    site.ask("/make_nonce", query_string="key=hunter2")
    for path in (f"/{person.uid}", f"/validate/{site.api_key}", "/hunter2", "/repo/confirmations/sesame"):
        site.ask(path)
    site.ask("/register", headers={"X-Forwarded-For": "hunter2", "User-Agent": "hunter2"}, method="hunter2")
    carry(app.extensions["keychain.meters"], kept, wire)
    page = text(kept)
    assert value(read(page), "keychain_validations_total", asked="alone", code="success") == 1
    assert value(read(page), "keychain_requests_total", door="/validate", code="credentials_refused") == 1
    assert value(read(page), "keychain_requests_total", door="unknown", code="not_found") >= 4
    for secret in secrets:
        assert secret not in page, secret


def test_first_uses_and_the_payloads_of_a_batch_are_counted_each(config, store, clock, kept, wire):
    app = create_app(replace(config, metrics_port=9464), clock=clock, store=store)
    site = SiteClient.registered(app, clock)
    person, others = Person(), [Person() for _ in range(3)]
    assert site.validate(person.payload(clock.now))["first_use"]
    assert site.code(person.payload(clock.now)) == "success"
    again = person.payload(clock.now)
    assert len(site.batch([*(other.payload(clock.now) for other in others), again, again, {}])) == 6
    carry(app.extensions["keychain.meters"], kept, wire)
    page = read(text(kept))
    assert value(page, "keychain_first_uses_total") == 4
    assert value(page, "keychain_validations_total", asked="alone", code="success") == 2
    of_batch = {code: value(page, "keychain_validations_total", asked="batch", code=code) for code in CODES}
    assert of_batch == {"success": 4, "replayed_nonce": 1, "malformed_uid": 1}


def test_a_thousand_made_up_paths_are_one_door(tmp_path, kept, wire):
    from keychain.store import engine, schema

    settings = Settings(data_dir=tmp_path / "data", metrics_port=9464)
    with contextlib.closing(engine.open_store(settings)) as store:
        schema.upgrade(store)
        app = create_app(settings, store=store)
        asking = app.test_client()
        for n in range(1000):
            assert asking.get(f"/{n}/{os.urandom(4).hex()}").status_code == 404
        carry(app.extensions["keychain.meters"], kept, wire)
    assert labels(read(text(kept)), "keychain_requests_total", "door") == {"unknown"}
    assert value(read(text(kept)), "keychain_requests_total", code="not_found") == 1000


def test_without_the_setting_nothing_is_counted(app):
    assert app.extensions["keychain.meters"] is None


def test_a_worker_is_made_without_the_libraries_that_few_need():
    few = "{'prometheus_client', 'httpx', 'http_ece', 'alembic', 'psycopg'}"
    look = f"import sys, keychain.cli.serve; sys.exit(bool({few} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", look], check=True)


def test_no_path_of_the_public_port_shows_metrics(app):
    for path in ("/metrics", "/keychain/metrics"):
        assert app.test_client().get(path).get_json()["code"] == "not_found"
