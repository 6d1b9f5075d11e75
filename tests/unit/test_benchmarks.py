"""What the benchmarks compute: percentiles, verdicts, tables, made-up rows; what they measure is not tested here."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks import arrivals, document, growth_rows
from benchmarks.peers import assertions
from benchmarks.report import aligned
from benchmarks.wanted import Wanted, failing
from keychain import nonce
from keychain.jose import base64url

PAGE = "before\n<!-- bench: begin, written by make -->\nold\n<!-- bench: end -->\nafter\n"


def test_the_99th_percentile_is_not_the_worst():
    late = arrivals.late([float(number) for number in range(101)])
    assert (late.median, late.p99) == (50, 99)


def test_a_floor_is_met_by_as_much_and_missed_by_less():
    assert Wanted("ratio", 0.28, 0.28, at_most=False).met
    missed = Wanted("ratio", 0.27, 0.28, at_most=False)
    assert missed.verdict == "missed"
    assert failing([missed]) == [missed]


def test_a_ceiling_of_time_fails_beyond_its_slack_alone_and_never_says_met():
    slow = Wanted("start", 1.6, 1.5, "s", slack=5)
    assert not slow.met
    assert slow.verdict.startswith("missed")
    assert failing([slow]) == []
    assert failing([Wanted("start", 7.6, 1.5, "s", slack=5)])
    assert failing([Wanted("memory", 90.1, 90, "MB")])


def test_a_floor_has_no_slack():
    assert failing([Wanted("ratio", 0.27, 0.28, at_most=False, slack=5)])


def test_a_figure_says_what_was_found_and_what_was_wanted():
    assert Wanted("start", 0.804, 1.5, "s").cells() == ("start", "0.80 s", "≤ 1.5 s", "met")


def test_a_generated_part_takes_the_place_of_the_last_one_and_of_nothing_else():
    page = document.replaced(PAGE, "bench", "new")
    assert "old" not in page
    assert page.startswith("before\n<!-- bench: begin")
    assert page.endswith("end -->\nafter\n")
    assert document.replaced(page, "bench", "new") == page


@pytest.mark.parametrize("page", ["", PAGE.replace("end", "gone"), PAGE + PAGE, PAGE.replace("begin", "start")])
def test_a_page_without_its_markers_is_left_alone(page):
    with pytest.raises(document.NoMarkers):
        document.replaced(page, "bench", "new")


def test_the_page_of_the_documentation_has_its_markers():
    page = document.PAGE.read_text()
    for part in ("bench", "peers"):
        assert "figures" in document.replaced(page, part, "figures")


def test_a_table_escapes_what_would_break_it():
    assert document.table([("a", "b"), ("x|y", "1")]) == "| a | b |\n| --- | ---: |\n| x\\|y | 1 |"


def test_columns_of_words_stand_left_and_of_numbers_right():
    assert aligned([("name", "µs"), ("a", "5")], 1) == ["name  µs", "a      5"]


def test_made_up_nonces_look_like_spent_ones_and_lie_between_the_two_moments():
    first, last = (datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2))
    rows = list(growth_rows.nonces(500, first, last))
    texts = [str(row[0]) for row in rows]
    assert texts == sorted(texts, key=lambda text: text[:23])
    assert len(set(texts)) == 500
    for text, uid, _, moment in rows:
        assert first <= nonce.parse(text).made_at < last
        assert nonce.parse(text).made_at == moment
        assert len(str(uid)) == 24


def test_made_up_uids_are_distinct_and_the_same_each_time():
    assert len(set(growth_rows.uids(1000))) == 1000
    assert list(growth_rows.uids(1000)) == list(growth_rows.uids(1000))


def test_a_passkey_signs_what_webauthn_says():
    [passkey] = assertions.make(1)
    response = passkey.assertion()["response"]
    authenticator_data, client_data, signature = (
        base64url.decode(response[name]) for name in ("authenticatorData", "clientDataJSON", "signature")
    )
    assert json.loads(client_data)["challenge"] == passkey.challenge
    signed = authenticator_data + hashlib.sha256(client_data).digest()
    passkey.key.public_key().verify(signature, signed, ec.ECDSA(hashes.SHA256()))
    numbers = passkey.key.public_key().public_numbers()
    assert len(passkey.cose()) == 77
    assert passkey.cose()[10:42] == numbers.x.to_bytes(32)
    assert passkey.cose()[45:] == numbers.y.to_bytes(32)


def test_old_nonces_are_old_enough_to_be_pruned():
    now = datetime(2026, 1, 3, tzinfo=UTC)
    rows = growth_rows.nonces(10, now - timedelta(hours=50), now - timedelta(hours=26))
    assert all(now - row[3] > timedelta(hours=24) for row in rows)
