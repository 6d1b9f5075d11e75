"""Whoever calls can not choose the address that he calls from."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keychain.web.addresses import bucket, caller

PROXY, EDGE, PERSON, OTHER = "10.0.0.1", "10.0.0.2", "198.51.100.7", "203.0.113.9"
TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))

hops = st.sampled_from([PROXY, EDGE, PERSON, OTHER, "fd00::1", "2001:db8::1", "", "unknown", "_x", "::ffff:10.0.0.1"])


@pytest.mark.parametrize("forwarded_for", ["", PERSON, f"{PERSON}, {PROXY}", "garbage", "127.0.0.1", "::1"])
def test_a_forwarded_address_from_a_stranger_is_not_believed(forwarded_for):
    assert caller(OTHER, forwarded_for, TRUSTED) == OTHER
    assert caller(PROXY, forwarded_for, ()) == PROXY


@pytest.mark.parametrize(
    ("forwarded_for", "address"),
    [
        ("", PROXY),
        (PERSON, PERSON),
        (f" {PERSON}\t", PERSON),
        (f"{OTHER}, {PERSON}", PERSON),
        (f"{OTHER},{PERSON}", PERSON),
        (f"{PROXY}, {PERSON}", PERSON),
        (f"127.0.0.1, {PERSON}", PERSON),
        (f"{PERSON}, {EDGE}", PERSON),
        (f"{OTHER}, {PERSON}, {EDGE}, {PROXY}", PERSON),
        (f"{EDGE}, {PROXY}", EDGE),
        ("2001:db8::1", "2001:db8::1"),
        ("2001:DB8:0:0::0001", "2001:db8::1"),
        (f"{PERSON}, fd00::5", PERSON),
    ],
)
def test_it_is_read_from_the_right_and_only_as_far_as_each_hop_is_trusted(forwarded_for, address):
    assert caller(PROXY, forwarded_for, TRUSTED) == address


@pytest.mark.parametrize(
    "garbage",
    ["unknown", "_hidden", "", " ", "198.51.100", "198.51.100.7:443", "[2001:db8::1]", "0x7f.1", "010.0.0.1", "1",
     "\ud800", "localhost", "198.51.100.7 198.51.100.8", "x" * 10_000],
    ids=lambda text: ascii(text[:20]),
)  # fmt: skip
def test_an_entry_that_is_no_address_ends_the_reading_at_the_hop_that_reported_it(garbage):
    assert caller(PROXY, garbage, TRUSTED) == PROXY
    assert caller(PROXY, f"{PERSON}, {garbage}", TRUSTED) == PROXY
    assert caller(PROXY, f"{PERSON}, {garbage}, {EDGE}", TRUSTED) == EDGE
    assert caller(PROXY, f"{garbage}, {PERSON}", TRUSTED) == PERSON


@pytest.mark.parametrize("connected", ["", "unix:", "localhost", "10.0.0"])
def test_a_connection_without_an_address_is_nobody_trusted(connected):
    assert caller(connected, PERSON, (ip_network("0.0.0.0/0"), ip_network("::/0"))) == connected


def test_a_proxy_may_speak_ipv6():
    assert caller("fd00::1", f"{OTHER}, 2001:db8::7", TRUSTED) == "2001:db8::7"


@given(st.lists(hops), st.lists(hops))
def test_what_the_caller_invents_makes_no_difference(invented, written):
    # The first proxy appends the address that it was called from; what stands further left is invention.
    honest = caller(PROXY, ", ".join([PERSON, *written]), TRUSTED)
    assert caller(PROXY, ", ".join([*invented, PERSON, *written]), TRUSTED) == honest


@given(st.text(), st.text())
def test_any_text_gives_an_address(connected, forwarded_for):
    assert caller(connected, forwarded_for, TRUSTED) == connected
    bucket(caller(PROXY, forwarded_for, TRUSTED))


@pytest.mark.parametrize(
    ("address", "limited"),
    [
        (PERSON, PERSON),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("::ffff:198.51.100.7", PERSON),
        ("::ffff:c633:6407", PERSON),
        ("::1", "::"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_one_subscriber_has_one_limit(address, limited):
    assert bucket(address) == limited


@given(st.ip_addresses(v=6))
def test_a_bucket_is_its_own_bucket(address):
    assert bucket(bucket(str(address))) == bucket(str(address))


@given(st.text())
def test_any_text_has_a_bucket(text):
    assert isinstance(bucket(text), str)


def test_a_trusted_proxy_is_known_on_a_socket_for_both_families():
    trusted = (ip_network("10.0.0.0/8"),)
    assert caller("::ffff:10.0.0.1", "198.51.100.7", trusted) == "198.51.100.7"
    assert caller("::ffff:192.0.2.1", "198.51.100.7", trusted) == "::ffff:192.0.2.1"
