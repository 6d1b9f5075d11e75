"""``docs/javascript.md``, held against the shim, the frame and the popup: nothing is left out, nothing is made up."""

import re
from pathlib import Path

from keychain.errors import every_code
from tests.browser.documented import EXAMPLE

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "static"
PAGE = (ROOT / "docs/javascript.md").read_text(encoding="utf-8")
SHIM = (STATIC / "oneid.js").read_text(encoding="utf-8")
# What the service of 2013 had, and this one has not yet.
NOT_YET = {"attr", "quickfill", "collect"}
READ_IN_TEN_MINUTES = 2500  # words, of prose and tables


def section(heading: str) -> str:
    """The text below a heading, without what stands below the next one."""
    [found] = re.findall(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return found


def rows(text: str) -> set[str]:
    """What stands in backticks in the first column of the tables of a text."""
    cells = [line.split(" | ")[0] for line in text.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def members(name: str) -> set[str]:
    """The members of an object that the shim writes out."""
    [body] = re.findall(rf"^  const {name} = \{{\n(.*?)^  \}};", SHIM, re.MULTILINE | re.DOTALL)
    return set(re.findall(r"^    (\w+)(?=[:,(])", body, re.MULTILINE))


def read_of(thing: str) -> set[str]:
    """The members that the shim reads of an object, ``thing.member`` or ``{ member } = thing``."""
    taken_apart = re.findall(rf"\{{ ([^{{}}]+) \}} = [\w.]*\b{thing}\b(?!\.)", SHIM)
    return {
        *re.findall(rf"\b{thing}\??\.(\w+)", SHIM),
        *(name.partition(":")[0].strip() for names in taken_apart for name in names.split(",")),
    }


def functions() -> set[str]:
    return members("OneID") - {"OneIDError"}


def test_every_function_has_its_section_and_its_example():
    sections = [name for heading in re.findall(r"^### (.+)$", PAGE, re.MULTILINE) for name in heading.split(", ")]
    assert functions() <= set(sections)
    for name in functions():
        assert f"OneID.{name}(" in "".join(code for _, _, code in EXAMPLE.findall(PAGE)), name


def test_no_function_is_named_that_there_is_not():
    assert set(re.findall(r"\bOneID\.(\w+)", PAGE)) - {"OneIDError"} == functions() | NOT_YET


def test_the_keys_of_the_state_are_those_of_get():
    assert rows(section("get")) == members("state")


def test_the_settings_are_those_of_config():
    known = set(re.findall(r'key [!=]== "(\w+)"', SHIM))
    assert rows(section("config")) == known


def test_the_members_of_a_challenge_are_those_that_are_read():
    assert rows(section("signin")) == read_of("challenge")


def test_the_options_are_those_that_are_read():
    documented = rows(section("signup")) | rows(section("confirm"))
    assert documented == read_of("options") - rows(section("config"))


def test_every_code_that_a_page_can_meet_has_its_row_and_no_other():
    files = [STATIC / "oneid.js", *(STATIC / "frame").glob("*.js"), *(STATIC / "shared").glob("*.js")]
    code = "\n".join(file.read_text(encoding="utf-8") for file in files)
    popup = "\n".join(file.read_text(encoding="utf-8") for file in (STATIC / "popup").rglob("*.js"))
    raised = {
        *re.findall(r'(?:OneIDError|RepoError)\(\s*"(\w+)"', code),
        *re.findall(r'error: "(\w+)"', code),
        *re.findall(r'\? (?:\w+\.)?code : "(\w+)"', code),
        *re.findall(r'postFailed\([^)]*"(\w+)"', popup),
    }
    listed = rows(section("Errors"))
    assert len(raised) >= 14
    assert raised - listed == set()
    assert listed - raised - {error.code for error in every_code()} == set()


def test_every_block_is_an_example_with_a_name_that_a_test_runs():
    named = EXAMPLE.findall(PAGE)
    names = [name for name, _, _ in named]
    assert PAGE.count("\n```") == 2 * len(named)
    assert len(names) == len(set(names)) > 15
    browser = ROOT / "tests/browser"
    tests = "".join(
        (browser / file).read_text(encoding="utf-8") for file in ("test_javascript_page.py", "example_runs.py")
    )
    planned = set(re.findall(r'^    "([\w-]+)": Plan\(', tests, re.MULTILINE))
    assert planned == {name for name, language, _ in named if language == "js"}
    for name, language, _ in named:
        assert language == "js" or f'examples("{language}")["{name}"]' in tests


def test_the_page_is_read_in_ten_minutes():
    prose = re.sub(r"^```.*?^```$|<!--.*?-->", "", PAGE, flags=re.MULTILINE | re.DOTALL)
    words = [word for word in prose.split() if any(character.isalnum() for character in word)]
    assert len(words) <= READ_IN_TEN_MINUTES
