"""Origins: one spelling each, the one that a browser writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keychain import origin
from keychain.settings import forms

WRITTEN = [
    "https://shop.example", "https://www.shop.example", "https://shop.example:8443", "http://shop.example",
    "http://localhost:8000", "http://a.b.localhost", "https://xn--shp-tna.example", "https://1and1.example",
    "https://192.0.2.1", "https://[2001:db8::1]:8443", "http://127.0.0.1:1", "http://[::1]", "https://a-b.example",
    "https://" + "a" * 247,
]  # fmt: skip
NOT_WRITTEN = [
    "", "null", "https://", "shop.example", "//shop.example", "ftp://shop.example", "HTTPS://shop.example",
    "https://Shop.example", "https://shop.example/", "https://shop.example?", "https://shop.example#", "https://a@b",
    "https://shop.example:", "https://shop.example:0", "https://shop.example:080", "https://shop.example:65536",
    "https://shop.example:443", "http://shop.example:80", "https://sh\u00f6p.example", "https://*", "https://a..b",
    "https://.a", "https://a.", "https://-a", "https://a-", "https://a_b", "https://a b", "https://a%41", "https://a\\b",
    "https://127.1", "https://0x7f.0.0.1", "https://1", "https://256.1.1.1", "https://192.0.2.01", "https://a.1",
    "https://[::1", "https://::1", "https://[2001:DB8::1]", "https://[2001:db8:0::1]", "https://[::ffff:1.2.3.4]",
    "https://[192.0.2.1]", "https://[fe80::1%eth0]", "https://" + "a" * 248, "https://shop.example\n", " https://a",
]  # fmt: skip
LOOPBACK = {"http://localhost:8000", "http://a.b.localhost", "http://127.0.0.1:1", "http://[::1]"}


@pytest.mark.parametrize("text", WRITTEN)
def test_what_a_browser_writes_is_an_origin(text):
    parsed = origin.parse(text)
    assert parsed.text == text
    assert parsed.is_secure is (text.startswith("https://") or text in LOOPBACK)


@pytest.mark.parametrize("text", NOT_WRITTEN)
def test_what_it_would_write_otherwise_is_none(text):
    with pytest.raises(ValueError, match="an origin "):
        origin.parse(text)


@given(st.text())
def test_no_text_is_anything_else(text):
    for start in ("", "https://", "https://shop.example", "http://["):
        try:
            assert origin.parse(start + text).text == start + text
        except ValueError:
            continue


@given(st.sampled_from(["http", "https"]), st.integers(1, 65535))
def test_what_is_written_can_be_read(scheme, port):
    assert origin.parse(origin.write(scheme, "id.localhost", port)).host == "id.localhost"


@pytest.mark.parametrize("host", ["localhost.example", "notlocalhost", "128.0.0.1", "[::2]", "[::]", "0.0.0.0"])
def test_what_only_looks_like_this_machine_is_not(host):
    assert not origin.parse(f"http://{host}").is_secure


def test_no_master_keys_are_none():
    assert forms.master_keys("") == forms.master_keys(" \n") == ()
