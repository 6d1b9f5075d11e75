"""Every alias of a door is that door, and nothing else is."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keychain.web.paths import normalise

DOORS = ("/register", "/make_nonce", "/validate", "/repo/send_2fa", "/validate_batch")
ALIASES = ("", "/keychain", "/.oneid.com", "/.oneid.com/keychain")
pieces = st.lists(
    st.sampled_from(["/", "//", "keychain", ".oneid.com", "validate", "repo", "..", ".", "%2f", "\\", "\n"])
    | st.text(max_size=3)
).map("".join)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("alias", ALIASES)
def test_every_alias_of_a_door_is_the_door(alias, door):
    path = alias + door
    for spelled, tail in product(
        (path, "/" + path, path.replace("/", "//"), path.replace("/", "////")), ("", "/", "//")
    ):
        assert normalise(spelled + tail) == door


@pytest.mark.parametrize(
    ("path", "normal"),
    [
        ("/.oneid.com/keychain//validate/", "/validate"),
        ("/.oneid.com//repo//send_2fa", "/repo/send_2fa"),
        ("/repo//send_2fa", "/repo/send_2fa"),
        ("/keychain/make_nonce", "/make_nonce"),
        ("/register/", "/register"),
    ],
)
def test_the_paths_of_surviving_clients_are_doors(path, normal):
    assert normalise(path) == normal


@pytest.mark.parametrize(
    "path", ["", "/", "//", "///", "/keychain", "/keychain/", "/.oneid.com", "//.oneid.com//keychain//"]
)
def test_nothing_behind_an_alias_is_the_root(path):
    assert normalise(path) == "/"


@pytest.mark.parametrize(
    "path",
    [
        "/keychainx/validate", "/xkeychain/validate", "/.oneid.comx/validate", "/oneid.com/validate",
        "/KEYCHAIN/validate", "/repo/keychain/validate", "/validate/keychain", "/VALIDATE", "/validat",
        "/validate.", "/validate%2f", "/validate;x", "/..", "/./validate", "/../validate", "/%2fvalidate",
        "/validate\\", "/send_2fa", "/repo", "/validate\n", "/ validate",
    ],
)  # fmt: skip
def test_what_only_looks_like_an_alias_stays_as_it_is(path):
    assert normalise(path) == path


def test_each_prefix_is_taken_off_once_and_in_one_order():
    assert normalise("/keychain/keychain/validate") == "/keychain/validate"
    assert normalise("/.oneid.com/.oneid.com/validate") == "/.oneid.com/validate"
    assert normalise("/keychain/.oneid.com/validate") == "/.oneid.com/validate"


@given(st.text() | pieces)
def test_any_text_has_a_normal_path(text):
    normal = normalise(text)
    assert normal == "/" or (normal and not normal.endswith("/"))
    assert "//" not in normal
    assert normal.startswith("/") or not text.startswith("/")


@given(pieces)
def test_slashes_and_aliases_make_no_difference(text):
    normal = normalise(text)
    assert normalise(text + "/") == normal
    assert normalise(text.replace("/", "//")) == normal
    if not normal.startswith(("/keychain", "/.oneid.com")):
        assert normalise(normal) == normal
        if normal.startswith("/"):
            assert {normalise(alias + normal) for alias in ALIASES} == {normal}
