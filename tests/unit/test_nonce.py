"""The nonce: one grammar, a window whose ends are inside, and an order that follows the time."""

import string
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keychain import errors, nonce

MADE = datetime(2013, 8, 22, 22, 24, 44, tzinfo=UTC)
TEXT = "0012013-08-22T22:24:44ZzM2Ogb"
MAX_AGE = timedelta(minutes=5)
TICK = timedelta(microseconds=1)

FIRST, LAST = datetime(1970, 1, 1), datetime(9990, 1, 1)  # noqa: DTZ001 - hypothesis wants naive bounds
moments = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
suffixes = st.text(alphabet=string.ascii_letters + string.digits, min_size=6, max_size=41)


@pytest.mark.parametrize(
    ("text", "made_at"),
    [
        (TEXT, MADE),
        ("0012013-05-07T19:22:26Z3o3hKE", datetime(2013, 5, 7, 19, 22, 26, tzinfo=UTC)),
        ("0012024-02-29T23:59:59Z000000", datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)),
        ("0010001-01-01T00:00:00Zaaaaaa", datetime(1, 1, 1, tzinfo=UTC)),
        ("0019999-12-31T23:59:59Zzzzzzz", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_nonce_is_read(text, made_at):
    assert nonce.parse(text) == nonce.Nonce(text, made_at)


@pytest.mark.parametrize("length", [6, 7, 40, 41])
def test_six_to_forty_one_random_characters_are_read(length):
    text = TEXT[:-6] + "x" * length
    assert nonce.parse(text).text == text
    assert len(text) <= nonce.MAX_LENGTH


@pytest.mark.parametrize("length", [0, 1, 5, 42, 64, 10_000])
def test_fewer_or_more_random_characters_are_refused(length):
    with pytest.raises(errors.MalformedNonce):
        nonce.parse(TEXT[:-6] + "x" * length)


def second(text: str) -> str:
    return f"001{text}zM2Ogb"


MALFORMED = {
    "empty": "",
    "no prefix, as in 2012": TEXT[3:],
    "the prefix of an expiry": "002" + TEXT[3:],
    "half a prefix": TEXT[1:],
    "only the second": TEXT[:-6],
    "month 13": second("2013-13-22T22:24:44Z"),
    "month 0": second("2013-00-22T22:24:44Z"),
    "day 0": second("2013-08-00T22:24:44Z"),
    "day 32": second("2013-08-32T22:24:44Z"),
    "30 February": second("2013-02-30T22:24:44Z"),
    "29 February of no leap year": second("2013-02-29T22:24:44Z"),
    "29 February 1900": second("1900-02-29T22:24:44Z"),
    "year 0000": second("0000-08-22T22:24:44Z"),
    "hour 24": second("2013-08-22T24:00:00Z"),
    "minute 60": second("2013-08-22T22:60:44Z"),
    "a leap second": second("2016-12-31T23:59:60Z"),
    "second 61": second("2013-08-22T22:24:61Z"),
    "a fraction": second("2013-08-22T22:24:44.5Z"),
    "an offset": second("2013-08-22T22:24:44+00:00"),
    "a small z": second("2013-08-22t22:24:44z"),
    "a space for T": second("2013-08-22 22:24:44Z"),
    "slashes": second("2013/08/22T22:24:44Z"),
    "a short year": second("13-08-22T22:24:44Z"),
    "a year of five digits": second("12013-08-22T22:24:44Z"),
    "a sign": second("+013-08-22T22:24:44Z"),
    "one digit": second("2013-8-22T22:24:44Z"),
    "a blank digit": second("2013- 8-22T22:24:44Z"),
    "a group sign": second("2_13-08-22T22:24:44Z"),
    "Arabic-Indic digits": second("٢٠١٣-08-22T22:24:44Z"),
    "Devanagari digits": second("2013-०८-22T22:24:44Z"),
    "full-width digits": second("\uff12\uff10\uff11\uff13-08-22T22:24:44Z"),
    "an Arabic-Indic prefix": "\u0660\u0660\u0661" + TEXT[3:],
    "a full-width random digit": TEXT[:-1] + "\uff11",
    "an accent": TEXT[:-1] + "é",
    "a Cyrillic letter": TEXT[:-1] + "\u0430",
    "the Kelvin sign": TEXT[:-1] + "\u212a",
    "the long s": TEXT[:-1] + "\u017f",
    "half a surrogate pair": TEXT[:-1] + "\ud800",
    "a trailing newline": TEXT + "\n",
    "a trailing space": TEXT + " ",
    "a trailing zero byte": TEXT + "\0",
    "a leading space": " " + TEXT,
    "a leading newline": "\n" + TEXT,
    "a line inside": TEXT[:-3] + "\n" + TEXT[-3:],
    "a dash": TEXT[:-1] + "-",
    "an underscore": TEXT[:-1] + "_",
    "a quote": TEXT[:-1] + '"',
    "twice": TEXT + TEXT,
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_nonce_is_refused(text):
    with pytest.raises(errors.MalformedNonce):
        nonce.parse(text)


@pytest.mark.parametrize("value", [None, 1, 1.5, True, [], {}, [TEXT], {"nonce": TEXT}, TEXT.encode()], ids=repr)
def test_what_is_no_string_is_refused(value):
    with pytest.raises(errors.MalformedNonce):
        nonce.parse(value)


@given(st.text() | st.from_regex(r"\A001\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\w{5,42}\Z"))
def test_any_text_is_a_nonce_or_malformed(text):
    try:
        parsed = nonce.parse(text)
    except errors.MalformedNonce:
        return
    assert parsed.text == text
    assert text.isascii()
    assert nonce.floor(parsed.made_at)[-16:] == text[7:23]


@given(moments)
def test_a_made_nonce_parses_back_and_is_fresh(moment):
    made = nonce.make(moment)
    assert nonce.parse(made.text) == made
    assert timedelta(0) <= moment - made.made_at < timedelta(seconds=1)
    nonce.check_freshness(made, moment, timedelta(seconds=1))


def test_made_nonces_are_of_the_published_form_and_differ():
    made = {nonce.make(MADE).text for _ in range(200)}
    assert len(made) == 200
    assert {(text[:-6], len(text)) for text in made} == {(TEXT[:-6], len(TEXT))}


@pytest.mark.parametrize("hours", [-12, -1, 0, 5.5, 14])
def test_the_second_is_utc_wherever_the_clock_stands(hours):
    there = MADE.astimezone(timezone(timedelta(hours=hours)))
    assert nonce.make(there).text.startswith(TEXT[:-6])
    assert nonce.floor(there) == TEXT[:-6]
    nonce.check_freshness(nonce.parse(TEXT), there, timedelta(0))


@pytest.mark.parametrize("max_age", [timedelta(seconds=1), MAX_AGE, timedelta(hours=1)])
def test_both_ends_of_the_window_are_inside(max_age):
    parsed = nonce.parse(TEXT)
    for now in (MADE + max_age, MADE + max_age - TICK, MADE, MADE - nonce.LEEWAY + TICK, MADE - nonce.LEEWAY):
        nonce.check_freshness(parsed, now, max_age)


@pytest.mark.parametrize("max_age", [timedelta(0), timedelta(seconds=1), MAX_AGE, timedelta(hours=1)])
@pytest.mark.parametrize("beyond", [TICK, timedelta(seconds=1), timedelta(days=4000)])
def test_a_nonce_a_microsecond_too_old_has_expired(max_age, beyond):
    with pytest.raises(errors.NonceExpired):
        nonce.check_freshness(nonce.parse(TEXT), MADE + max_age + beyond, max_age)


@pytest.mark.parametrize("beyond", [TICK, timedelta(seconds=1), timedelta(days=4000)])
def test_a_nonce_a_microsecond_too_far_ahead_is_from_the_future(beyond):
    with pytest.raises(errors.NonceFromTheFuture):
        nonce.check_freshness(nonce.parse(TEXT), MADE - timedelta(minutes=2) - beyond, MAX_AGE)


@given(moments, suffixes)
def test_floor_sorts_before_every_nonce_of_its_second_and_after_the_second_before(moment, suffix):
    floor, earlier = nonce.floor(moment), nonce.floor(moment - timedelta(seconds=1))
    assert earlier + suffix < floor < floor + suffix
    assert earlier.encode() + suffix.encode() < floor.encode()
    assert nonce.parse(floor + suffix).made_at <= moment


@given(moments, moments, suffixes, suffixes)
def test_nonces_sort_as_their_seconds_do(first, second, its, other):
    if first.replace(microsecond=0) < second.replace(microsecond=0):
        assert nonce.floor(first) + its < nonce.floor(second) + other
