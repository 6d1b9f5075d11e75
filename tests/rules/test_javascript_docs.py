"""``docs/javascript.md`` and ``attributes.md``, held against the shim, the frame, the popup and the tests."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from keychain.errors import every_code
from tests.browser.documented import EXAMPLE, PAGES

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "static"
CALLS, ATTRIBUTES = (page.read_text(encoding="utf-8") for page in PAGES)
BOTH = CALLS + ATTRIBUTES
SHIM = (STATIC / "oneid.js").read_text(encoding="utf-8")
CARDS = (STATIC / "shim/attributes.js").read_text(encoding="utf-8")
BUTTONS = (STATIC / "shim/buttons.js").read_text(encoding="utf-8")
TESTS = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests/browser").glob("*.py")))
TEST_NAMES = set(re.findall(r"^def (test_\w+)\(", TESTS, re.MULTILINE))
READ_IN_TEN_MINUTES = 2500  # words, of prose and tables
TO_LOOK_UP = ("Every function and option", "Cards and fields", "Older spellings")  # not counted: read by nobody
# Sections whose tables speak of something else than their heading says.
SPEAKS_OF = {"Transforms": "transform", "on, once, off": "on"}


def section(heading: str, page: str = BOTH) -> str:
    """The text below a heading, without what stands below the next one."""
    [found] = re.findall(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", page, re.MULTILINE | re.DOTALL)
    return found


def rows(text: str, header: str = "") -> list[set[str]]:
    """What stands in backticks in the first column of the tables of a text, row by row; ``header``: of some alone."""
    found: list[set[str]] = []
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        if table.startswith(f"| {header}"):
            cells = [line.split(" | ")[0] for line in table.splitlines() if line.startswith("| `")]
            found += [set(re.findall(r"`(\w+)`", cell)) for cell in cells]
    return found


def names(text: str, header: str = "") -> set[str]:
    return set().union(*rows(text, header))


def members(name: str) -> set[str]:
    """The members of an object that the shim writes out."""
    [body] = re.findall(rf"^  const {name} = \{{\n(.*?)^  \}};", SHIM, re.MULTILINE | re.DOTALL)
    return set(re.findall(r"^    (\w+)(?=[:,(])", body, re.MULTILINE))


def read_of(thing: str, source: str = SHIM) -> set[str]:
    """The members that a file reads of an object, ``thing.member`` or ``{ member } = thing``."""
    taken_apart = re.findall(rf"\{{ ([^{{}}]+) \}} = [\w.]*\b{thing}\b(?!\.)", source)
    return {
        *re.findall(rf"\b{thing}\??\.(\w+)", source),
        *(name.partition(":")[0].strip() for names in taken_apart for name in names.split(",")),
    }


def functions() -> set[str]:
    return members("OneID") - {"OneIDError"}


def imported(files: Iterable[Path]) -> set[Path]:
    """Modules, and all that they stand on."""
    found: set[Path] = set()
    waiting = [file.resolve() for file in files]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            named = re.findall(r'from "(\.[^"]+)"', file.read_text(encoding="utf-8"))
            waiting += [(file.parent / name).resolve() for name in named]
    return found


def snake(name: str) -> str:
    """``triggerEvents`` as a test's name has it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


# What there is and what is documented are the same.


def test_every_function_has_its_section_and_its_example():
    sections = [name for heading in re.findall(r"^### (.+)$", BOTH, re.MULTILINE) for name in heading.split(", ")]
    assert functions() <= set(sections)
    for name in functions():
        assert f"OneID.{name}(" in "".join(code for _, _, code in EXAMPLE.findall(BOTH)), name


def test_the_page_on_javascript_lists_every_function():
    listed = CALLS.partition("## One origin")[0]
    assert functions() <= {name for names in re.findall(r"\[([\w, ]+)\]\(", listed) for name in names.split(", ")}


def test_the_list_to_look_up_has_every_function_and_all_its_options():
    listed: dict[str, set[str]] = {}
    challenge: set[str] = set()
    for line in re.findall(r"^\| `.*$", section("Every function and option", CALLS), re.MULTILINE):
        called, options, more = (set(re.findall(r"`(\w+)`", cell)) for cell in line.split("|")[1:4])
        listed |= dict.fromkeys(called, options)
        if called == {"signin"}:
            challenge = more
    assert listed.keys() == functions()
    for name in ("signup", "confirm", "attr", "quickfill", "collect"):
        assert listed[name] == names(section(name), "option"), name
    assert listed["config"] == names(section("config"))
    assert challenge == names(section("signin"))


def test_no_function_is_named_that_there_is_not():
    assert set(re.findall(r"\bOneID\.(\w+)", BOTH)) - {"OneIDError"} == functions()


def test_the_keys_of_the_state_are_those_of_get():
    assert names(section("get")) == members("state")


def test_the_settings_are_those_of_config():
    known = set(re.findall(r'key [!=]== "(\w+)"', SHIM))
    assert names(section("config")) == known


def test_the_buttons_are_those_of_config():
    [known] = re.findall(r"\\s\*\(([\w|]+)\)\\s\+", BUTTONS)
    assert set(re.findall(r'"(\w+) <selector>"', section("config"))) == set(known.split("|"))


def test_the_members_of_a_challenge_are_those_that_are_read():
    assert names(section("signin")) == read_of("challenge")


def test_the_options_are_those_that_are_read():
    called = ("signup", "confirm", "attr", "quickfill", "collect")
    documented = set().union(*(names(section(name), "option") for name in called))
    read = read_of("options") | read_of("options", CARDS)
    assert documented == read - names(section("config")) - {"given"}  # the list that these three were called with


def test_the_members_of_a_transform_are_those_that_are_read():
    directions = set(re.findall(r'"(\w+OneID)"', CARDS))
    assert names(section("Transforms")) == {"attr", *directions}
    assert "one?.attr" in CARDS


def test_the_value_of_quickfill_has_the_members_that_are_documented():
    [made] = re.findall(r"return \{ success: true, (.+) \};\n", CARDS)
    [filled] = re.findall(r"return \{ (filled, missing): ", CARDS)
    assert names(section("quickfill"), "member") == {"success", *filled.split(", "), "attribute_data"}
    assert "attribute_data" in made


def test_the_cards_and_fields_are_those_of_the_service():
    shared = "\n".join(file.read_text(encoding="utf-8") for file in sorted((STATIC / "shared").glob("*.js")))
    known = {
        card: set(re.findall(r'"(\w+)"', fields))
        for card, fields in re.findall(r'^  \["(\w+)", \[([^\]]+)\]\],$', shared, re.MULTILINE)
    }
    [unstored] = re.findall(r'NEVER_STORED = new Set\(\["(\w+)"\]\)', shared)
    known["payment"].add(unstored)
    table: dict[str, set[str]] = {}
    card = ""
    for line in re.findall(r"^\| (?:`.*|\| `.*)$", section("Cards and fields"), re.MULTILINE):
        first, fields = (
            line.strip("|").split("|")[:2] if line.startswith("| `") else ("", line.strip("|").split("|")[1])
        )
        card = first.strip(" `") or card
        table.setdefault(card, set()).update(re.findall(r"`(\w+)`", fields))
    assert table == known


def test_every_code_that_a_page_can_meet_has_its_row_and_no_other():
    files = [STATIC / "oneid.js", *(STATIC / "shim").glob("*.js"), *imported((STATIC / "frame").glob("*.js"))]
    code = "\n".join(file.read_text(encoding="utf-8") for file in files)
    popup = "\n".join(file.read_text(encoding="utf-8") for file in (STATIC / "popup").rglob("*.js"))
    raised = {
        *re.findall(r'(?:OneIDError|RepoError|AttributeError|refuse)\(\s*"(\w+)"', code),
        *re.findall(r'error: "(\w+)"', code),
        *re.findall(r'\? (?:\w+\.)?code : "(\w+)"', code),
        *re.findall(r': refuse\("(\w+)"', code),
        *re.findall(r'postFailed\([^)]*"(\w+)"', popup),
    }
    listed = names(section("Errors")) | names(section("Refused attributes"))
    assert len(raised) >= 14
    assert raised - listed == set()
    assert listed - raised - {error.code for error in every_code()} == set()


# What is documented is tested: line by line, in a browser.


def lines() -> list[tuple[str, str]]:
    """Each way to call each function, and each name in the first column of its tables."""
    found: list[tuple[str, str]] = []
    for heading in [*re.findall(r"^### (.+)$", BOTH, re.MULTILINE), "Transforms"]:
        text = section(heading)
        spoken = SPEAKS_OF.get(heading, heading)
        for name, given in re.findall(
            r"`OneID\.(\w+)\(([^)]*)\)`", text.partition("\n\n")[0] if "\n\n" in text else text
        ):
            if name in functions() and name in heading.split(", "):
                way = "_".join(argument for argument in given.split(", ") if argument != "callback")
                found.append((name, way))
        if spoken in {*functions(), "transform"}:
            found += [(spoken, name) for name in sorted(names(text))]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(("function", "line"), lines(), ids=[" ".join(line).strip() for line in lines()])
def test_every_function_and_option_has_a_test_that_is_named_after_it(function, line):
    pattern = re.compile(rf"test_{function}(?:_\w+)?_{snake(line)}(?:_|$)" if line else rf"test_{function}(?:_|$)")
    assert any(pattern.match(name) for name in TEST_NAMES)


def test_every_block_is_an_example_with_a_name_that_a_test_runs():
    named = EXAMPLE.findall(BOTH)
    called = [name for name, _, _ in named]
    assert BOTH.count("\n```") == 2 * len(named)
    assert len(called) == len(set(called)) > 25
    browser = ROOT / "tests/browser"
    tests = "".join(
        (browser / file).read_text(encoding="utf-8") for file in ("test_javascript_page.py", "example_runs.py")
    )
    planned = set(re.findall(r'^    "([\w-]+)": Plan\(', tests, re.MULTILINE))
    assert planned == {name for name, language, _ in named if language == "js"}
    for name, language, _ in named:
        assert language == "js" or f'examples("{language}")["{name}"]' in tests


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_the_page_is_read_in_ten_minutes(page):
    text = page.read_text(encoding="utf-8")
    for heading in TO_LOOK_UP:
        text = re.sub(rf"^#+ {heading}\n.*?(?=^#)", "", text, flags=re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```.*?^```$|<!--.*?-->", "", text, flags=re.MULTILINE | re.DOTALL)
    words = [word for word in prose.split() if any(character.isalnum() for character in word)]
    assert len(words) <= READ_IN_TEN_MINUTES
