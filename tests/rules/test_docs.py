"""The documents, held against the code: codes, settings, steps, examples, links, and the tests that they name."""

import ast
import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

import oneid
from keychain.cli.settings import listing
from keychain.errors import every_code
from keychain.settings import Settings, variable
from keychain.validation import validate

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "sdk").glob("*.md")])
# Whose examples speak of this release; the decisions speak of what was considered as well.
EXAMPLES = [*ROOT.glob("*.md"), *DOCS.glob("*.md")]

# The words of the house, as docs/glossary.md has to explain them.
WORDS = {
    "relying party", "site", "API ID", "API key", "uid", "active device (AD)", "control device (CD)", "repo", "role",
    "nonce", "JWS compact serialization", "protected header", "signing input", "ES256", "JWK thumbprint", "record",
    "pin", "first use", "replay", "spend", "freshness", "leeway", "origin", "seal", "open", "envelope", "card", "field",
    "release", "confirmation", "OneID Key", "account", "device", "site identity", "frame session", "proof", "co-sign",
    "mint", "master key", "locator", "verify", "validate", "authenticate", "parse",
}  # fmt: skip

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
TEST_NAME = re.compile(r"`(test_\w+)`")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """A page without its code blocks."""
    return FENCE.sub("", text_of(page))


def blocks(page: Path, language: str) -> list[str]:
    return [code for found, code in FENCE.findall(text_of(page)) if found == language]


def anchors(page: Path) -> set[str]:
    """The fragments that a page's headings can be reached by."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in HEADING.findall(prose(page))
    }


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


# Codes, settings, words, steps.


def test_the_page_of_errors_is_the_tree():
    rows = [
        line.strip("| ").split(" | ") for line in text_of(DOCS / "errors.md").splitlines() if re.match(r"\| -\d", line)
    ]
    listed = [row[:4] for row in rows if len(row) == 6]
    assert listed == [
        [str(error.errorcode), f"`{error.code}`", str(error.status), error.message] for error in every_code()
    ]
    assert len(rows) == len(listed)


def test_the_page_of_settings_is_the_dataclass():
    entries = re.findall(
        r"^### (KEYCHAIN_\w+)\n\nDefault: (none|`[^`]*`)\.?( Secret\.)?\n\n(.+?)\n\n",
        text_of(DOCS / "settings.md") + "\n\n",
        re.MULTILINE | re.DOTALL,
    )
    assert len(entries) == text_of(DOCS / "settings.md").count("\n### ")
    documented = {
        heading: ("" if default == "none" else default.strip("`"), bool(secret), " ".join(meaning.split()))
        for heading, default, secret, meaning in entries
    }
    shown = zip(fields(Settings), listing(Settings()), strict=True)
    assert documented == {
        variable(setting): (row["default"], setting.metadata["secret"], row["help"]) for setting, row in shown
    }


def test_the_glossary_has_every_word():
    explained = set(re.findall(r"\*\*(.+?)\*\*", text_of(DOCS / "glossary.md")))
    assert explained >= WORDS


def test_the_steps_of_the_protocol_are_those_of_the_code():
    [summary] = re.findall(r"1\. .*?7\. .*?\n\n", validate.__doc__ or "", re.DOTALL)
    of_the_code = re.findall(r"\d\. (.+?\.)(?= \d\. |$)", " ".join(summary.split()).replace("``", "`"))
    of_the_page = re.findall(r"^\d\. \*\*(.+?)\*\*", text_of(DOCS / "protocol.md"), re.MULTILINE)
    assert len(of_the_code) == 7
    assert of_the_page == of_the_code


# Examples.


def executed() -> str:
    """The block of the protocol that follows its marker."""
    _, marker, rest = text_of(DOCS / "protocol.md").partition("<!-- executed by tests/rules/test_docs.py -->\n")
    assert marker
    return FENCE.match(rest)[2]


def test_the_payload_made_by_hand_validates(site, capsys):
    exec(compile(executed(), "protocol.md", "exec"), {})
    payload = json.loads(capsys.readouterr().out)
    assert site.code(payload) == "success"
    assert site.code(payload) == "replayed_nonce"


def test_the_published_payload_is_the_published_vector():
    vectors = json.loads(text_of(ROOT / "tests/vectors/published.json"))
    payloads = [json.loads(block) for block in blocks(DOCS / "protocol.md", "json")]
    assert vectors[0]["payload"] in payloads


def test_every_answer_that_is_shown_has_the_shape_of_every_answer():
    shown = [
        *(block for page in EXAMPLES for block in blocks(page, "json")),
        *(line for page in EXAMPLES for block in blocks(page, "console") for line in block.splitlines()),
    ]
    answers = [example for example in shown if example.startswith("{") and '"errorcode"' in example]
    assert len(answers) >= 6
    messages = {error.code: (error.errorcode, error.message) for error in every_code()}
    for answer in answers:
        assert answer.strip().count("\n") == 0
        outer = json.loads(answer)
        for members in (outer, *outer.get("answers", [])):
            assert type(members["errorcode"]) is int
            assert isinstance(members["attr_claims"], dict)
            if members["errorcode"] == 0:
                assert members["error"] == "success"
                assert "code" not in members
            else:
                assert messages[members["code"]] == (members["errorcode"], members["error"])
                assert "request_id" in members


@pytest.mark.parametrize("page", EXAMPLES, ids=name)
def test_python_that_is_shown_compiles_and_names_what_the_sdk_has(page):
    for code in blocks(page, "python"):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and node.module == "oneid":
                assert {alias.name for alias in node.names} <= set(oneid.__all__)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                holders = {"oneid": oneid, "keychain": oneid.OneID, "user": oneid.Validation}
                holder = holders.get(node.value.id)
                assert holder is None or hasattr(holder, node.attr)


# The readme, links, and names of tests.


def test_the_readme_is_read_to_its_end_and_works_in_its_first_twenty_lines():
    readme = text_of(ROOT / "README.md")
    assert 180 <= len(readme.split()) <= 650
    beginning = "\n".join(readme.splitlines()[:20])
    assert "make run" in beginning
    assert "curl" in beginning
    assert '"errorcode": 0' in beginning


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page):
    for target in LINK.findall(prose(page)):
        if target.startswith("https://"):
            continue
        path, _, fragment = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        if fragment:
            assert fragment in anchors(linked), target


def test_every_page_can_be_found_from_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        waiting += [
            (page.parent / link.partition("#")[0]).resolve() for link in LINK.findall(prose(page)) if "://" not in link
        ]
    assert set(DOCS.rglob("*.md")) <= reached


def test_every_promise_that_names_its_test_has_it():
    named = {found for page in PAGES for found in TEST_NAME.findall(text_of(page))}
    defined = {
        node.name
        for file in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(text_of(file)))
        if isinstance(node, ast.FunctionDef)
    }
    assert named - defined == set()


def test_the_decisions_are_numbered_without_gaps_or_doubles():
    index = text_of(DOCS / "adr/README.md")
    numbers = sorted(page.name[:4] for page in (DOCS / "adr").glob("0*.md"))
    assert len(numbers) == len(set(numbers))
    assert set(numbers) <= set(re.findall(r"\b(\d{4})\b", index))
