"""JSON means one value to every reader, or it is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keychain.jose import strict_json

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=12,
)
# Pieces of JSON in any order: mostly nonsense, sometimes not.
pieces = st.lists(
    st.sampled_from([*'{}[]",:0123456789.-+eE \n\t\\', '"a"', '"a":', "true", "null", "NaN", "Infinity", "\\u0061"]),
    max_size=16,
).map("".join)


@given(values)
def test_any_json_value_comes_back(value):
    for ascii_only in (True, False):
        assert strict_json.loads(json.dumps(value, ensure_ascii=ascii_only)) == value


@given(st.text() | pieces)
def test_any_text_is_a_value_or_a_value_error(text):
    with suppress(ValueError):
        strict_json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":1}',
        '{"a":1,"a":2}',
        '{"a":1,"b":2,"a":3}',
        '{"uid":1,"\\u0075id":2}',
        '{"\\u0075id":1,"\\u0075\\u0069\\u0064":2}',
        '{"\\/":1,"/":2}',
        '{"\\ud83d\\ude00":1,"😀":2}',
        '{"\\ud800":1,"\\uD800":2}',
        '{"":1,"":2}',
        '{"a":{"b":1,"b":2}}',
        '[{"b":1,"b":2}]',
        '[[1,{"a":[{"b":1,"c":2,"b":1}]}]]',
        '{"a":{"b":{"c":{},"c":{}}}}',
    ],
)
def test_a_member_that_stands_twice_is_refused_wherever_it_stands(text):
    with pytest.raises(ValueError, match="twice"):
        strict_json.loads(text)


def test_members_that_only_look_alike_are_different():
    assert strict_json.loads('{"uid":1,"UID":2,"uid ":3,"u\\u0131d":4,"a":{"uid":5}}')["a"] == {"uid": 5}


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("around", ["%s", "[%s]", '{"a":%s}', '{"a":[1,{"b":%s}]}'])
def test_not_a_number_and_infinity_are_refused(name, around):
    with pytest.raises(ValueError, match="no JSON number"):
        strict_json.loads(around % name)


@pytest.mark.parametrize("text", ["1e999", "-1e999", '{"exp":1e400}', "9" * 400 + ".0"])
def test_a_number_that_would_become_infinity_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        strict_json.loads(text)


@pytest.mark.parametrize("text", ["9" * 5_000, "-" + "9" * 5_000, '{"exp":' + "1" * 5_000 + "}"])
def test_a_number_of_five_thousand_digits_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        strict_json.loads(text)


@pytest.mark.parametrize("depth", [10_000, 200_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_nesting_deeper_than_the_stack_is_refused_and_not_a_crash(opening, closing, depth):
    for text in (opening * depth, opening * depth + "1" + closing * depth):
        with pytest.raises(ValueError):  # noqa: PT011 - closed and unclosed differ in their words
            strict_json.loads(text)


def test_nesting_that_anyone_needs_is_read():
    assert strict_json.loads("[" * 50 + "]" * 50)


@pytest.mark.parametrize("text", ['"\\ud800"', '"\\udfff x"', '{"a":"\\ud83d"}', '["\ud800"]'])
def test_half_a_surrogate_pair_is_a_value(text):
    assert strict_json.loads(text) == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "{", "}", "{}{}", "{} x", "[1,]", '{"a":1,}', "{'a':1}", "{a:1}", '{"a"}', '{"a":}', '{1:2}', "[1 2]",
        "01", "+1", ".5", "1.", "0x10", "1_000", "\u0661", "True", "None", "undefined", '"a', '"\n"', '"\0"', '"\\x41"',
        '"\\u12"', "// x\n1", "/* x */1", "\ufeff{}", "{}\0", "\xa0{}", "\x0c{}",
    ],
)  # fmt: skip
def test_what_is_not_json_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the parser's own words
        strict_json.loads(text)


def test_white_space_around_a_text_is_json_as_well():
    assert strict_json.loads(' \t\r\n{"a": 1}\r\n') == {"a": 1}
