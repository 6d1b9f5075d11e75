"""An address is a narrow thing: nothing that two programs could read as two, and nothing that ends a line."""

import string
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP, default
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keychain import mail_address
from keychain.mail_port import compose
from keychain.repo import letters
from keychain.repo.letters import LANGUAGES, Letter

NOW = datetime(2026, 11, 21, 7, 28, tzinfo=UTC)
LETTER = Letter("https://id.example.org", "012345", "T" * 43, is_welcome=True)

_ATEXT = string.ascii_letters + string.digits + "!#$%&'*+/^_`{|}~-"
_ATOM = st.text(_ATEXT, min_size=1, max_size=12)
_EDGE = st.sampled_from(string.ascii_letters + string.digits)
_LABEL = st.builds("{}{}{}".format, _EDGE, st.text(string.ascii_letters + string.digits + "-", max_size=8), _EDGE)
ADDRESSES = st.builds(
    lambda local, labels, top: f"{'.'.join(local)}@{'.'.join(labels)}.{top}",
    st.lists(_ATOM, min_size=1, max_size=4),
    st.lists(_LABEL, min_size=1, max_size=4),
    st.sampled_from(["org", "example", "xn--p1ai", "X"]),
)


@given(ADDRESSES)
def test_an_address_is_taken_as_it_was_written_and_read_alike_by_others(address):
    assert mail_address.parse(address) == address
    assert parseaddr(address) == ("", address)
    assert mail_address.domain(address) == address.split("@")[1]


@given(ADDRESSES, st.sampled_from(LANGUAGES))
def test_an_address_adds_no_header_and_no_recipient(address, language):
    letter = Letter("https://id.example.org", "012345", "T" * 43, True, language)
    raw = compose("oneid@id.example.org", address, letter, NOW).as_bytes(policy=SMTP)
    assert raw.isascii()
    read = message_from_bytes(raw, policy=default)
    [to] = read["To"].addresses
    assert to.addr_spec == address
    assert read.keys() == [
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
        "Content-Language",
    ]  # fmt: skip


_WORD = st.builds("=?{}?{}?{}?=".format, st.sampled_from(["utf-8", "x", ""]), st.sampled_from("qQbBx"), _ATOM)


@given(ADDRESSES, _WORD | st.sampled_from(["=", "?", "=?"]), st.data())
def test_an_encoded_word_is_in_no_address(address, word, data):
    where = data.draw(st.integers(0, len(address)))
    with pytest.raises(ValueError, match="an address is"):
        mail_address.parse(address[:where] + word + address[where:])


@given(st.text(max_size=40), ADDRESSES, st.data())
def test_whatever_is_put_into_an_address_makes_it_none_or_another_plain_one(more, address, data):
    where = data.draw(st.integers(0, len(address)))
    text = address[:where] + more + address[where:]
    try:
        mail_address.parse(text)
    except ValueError:
        return
    assert text.isascii()
    assert text.isprintable()
    assert not set(text) & set(' "(),:;<>[\\]')
    assert text.count("@") == 1


@given(st.text(max_size=300))
def test_any_text_is_an_address_or_refused(text):
    try:
        mail_address.parse(text)
    except ValueError:
        return
    assert len(text) <= mail_address.LONGEST


def test_the_longest_is_254_characters():
    def of(length: int) -> str:
        labels = ".".join(["b" * 50] * 3)
        return f"{'a' * 64}@{labels}.{'c' * (length - 64 - 1 - len(labels) - 1)}"

    assert len(of(254)) == 254
    assert mail_address.parse(of(250)) == of(250)
    with pytest.raises(ValueError, match="an address is"):
        mail_address.parse(f"{'a' * 64}@{'.'.join(['b' * 47] * 4)}")
    assert len(f"{'a' * 64}@{'.'.join(['b' * 47] * 4)}") == 256


def test_both_languages_say_the_same_things():
    assert letters._EN.keys() == letters._DE.keys()
    for name in letters._EN:
        assert ("{origin}" in letters._EN[name]) == ("{origin}" in letters._DE[name])


def test_html_and_text_say_the_same_and_html_loads_nothing():
    for language in LANGUAGES:
        letter = Letter("https://id.example.org", "012345", "T" * 43, False, language)
        for part in (letter.code, letter.confirm_url, letter.refuse_url, letter.origin):
            assert part in letter.text
            assert part in letter.html
        assert "src" not in letter.html
        assert letter.html.count("href") == 2
        assert max(map(len, letter.subject.splitlines())) == len(letter.subject)
