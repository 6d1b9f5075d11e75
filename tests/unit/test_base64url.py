"""Every value has one accepted spelling per codec."""

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keychain.jose import base64url

DECODERS = {
    "url": base64url.decode,
    "standard": base64url.decode_standard,
    "either": base64url.decode_either,
}
COMMON = string.ascii_uppercase + string.ascii_lowercase + string.digits  # in the order of their values
RAW = b"\xfb\xff\xbe\xfb"  # "-_--" and a half: every spelling of it is another text

every_decoder = pytest.mark.parametrize("decode", DECODERS.values(), ids=DECODERS)
# Texts that are nearly base64, which random text hardly ever is.
nearly = st.text(alphabet=COMMON + "-_+/=. \n\té", max_size=24) | st.text(alphabet="Aw-_+/=", max_size=8)


def spellings(raw: bytes) -> set[str]:
    """The four spellings of a value: two alphabets, padded or not."""
    padded = {base64.urlsafe_b64encode(raw).decode(), base64.b64encode(raw).decode()}
    return padded | {text.rstrip("=") for text in padded}


def accepts(decode, text: str) -> bool:
    try:
        decode(text)
    except ValueError:
        return False
    return True


@given(st.binary(max_size=100))
def test_encoding_and_decoding_gives_the_same_bytes(raw):
    assert base64url.decode(base64url.encode(raw)) == raw
    assert base64url.decode_standard(base64.b64encode(raw).decode()) == raw
    assert {base64url.decode_either(text) for text in spellings(raw)} == {raw}


@given(st.binary(max_size=100))
def test_encoding_is_that_of_rfc_4648_without_padding(raw):
    assert base64url.encode(raw) == base64.urlsafe_b64encode(raw).decode().replace("=", "")


@given(nearly | st.text(max_size=12))
def test_one_encoding_each_in_base64url(text):
    if accepts(base64url.decode, text):
        assert base64url.encode(base64url.decode(text)) == text


@given(nearly | st.text(max_size=12))
def test_one_encoding_each_in_standard_base64(text):
    if accepts(base64url.decode_standard, text):
        assert base64.b64encode(base64url.decode_standard(text)).decode() == text


@given(nearly | st.text(max_size=12))
def test_one_encoding_each_of_four_in_either(text):
    if accepts(base64url.decode_either, text):
        assert text in spellings(base64url.decode_either(text))


@pytest.mark.parametrize("length", range(1, 7))
def test_each_decoder_accepts_only_its_own_spellings(length):
    raw = (RAW * 2)[:length]
    for text in spellings(raw):
        assert accepts(base64url.decode, text) == (text == base64url.encode(raw))
        assert accepts(base64url.decode_standard, text) == (text == base64.b64encode(raw).decode())
        assert accepts(base64url.decode_either, text)


@every_decoder
def test_nothing_is_the_spelling_of_nothing(decode):
    assert decode("") == b""


@every_decoder
@pytest.mark.parametrize(("before", "padding", "step"), [("A", "==", 16), ("AA", "=", 4)], ids=["4 bits", "2 bits"])
def test_stray_bits_in_the_last_character_are_refused(decode, before, padding, step):
    # Two characters hold 12 bits for one byte, three hold 18 for two: the rest has to be zero.
    end = padding if decode is base64url.decode_standard else ""
    accepted = "".join(last for last in COMMON + "-_+/" if accepts(decode, before + last + end))
    assert accepted == COMMON[::step]


@every_decoder
@pytest.mark.parametrize("text", ["A", "AAAAA", "A===", "A=", "A=="])
def test_an_impossible_length_is_refused(decode, text):
    assert not accepts(decode, text)


@every_decoder
@pytest.mark.parametrize(
    "text",
    ["=", "==", "====", "AAAA=", "AAAA==", "AAAA====", "AA=", "AA===", "AAA==", "=AAA", "A=AA", "AA==AA==", "AAA=A"],
)
def test_misplaced_padding_is_refused(decode, text):
    assert not accepts(decode, text)


@pytest.mark.parametrize("text", ["AA==", "AAA="])
def test_padding_is_refused_in_base64url(text):
    assert not accepts(base64url.decode, text)
    assert accepts(base64url.decode_standard, text)


@pytest.mark.parametrize("text", ["AA", "AAA"])
def test_missing_padding_is_refused_in_standard_base64(text):
    assert not accepts(base64url.decode_standard, text)
    assert accepts(base64url.decode, text)


@every_decoder
@pytest.mark.parametrize("text", ["-+AA", "+-AA", "_/AA", "/_AA", "-/AA", "+_AA", "AA-AAA+A", "-_+/", "+A_A"])
def test_both_alphabets_in_one_text_are_refused(decode, text):
    assert not accepts(decode, text)


@every_decoder
@pytest.mark.parametrize("stray", [*" \n\r\t\0.,\v\x7fé", "\r\n", "\u0410", "\uff21", "\ud800"])
def test_foreign_characters_and_white_space_are_refused_wherever_they_stand(decode, stray):
    for place in range(5):
        assert not accepts(decode, "AAAA"[:place] + stray + "AAAA"[place:])
