"""The failure space: one code each, none of which an old client takes for a success."""

import re

import pytest

from keychain import errors
from keychain.errors import KeychainError

TOLD_WITH_200 = (errors.ProofRefused, errors.AskingRefused)
CLASSES = list(errors.every_code())
BRANCH = re.compile(r"    (?P<lines>[│├└─ ]*)(?P<name>[A-Z]\w+)(?: +(?P<status>\d{3}))?")

every_class = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)


def subclasses(root: type[KeychainError]) -> set[type[KeychainError]]:
    return {root}.union(*map(subclasses, root.__subclasses__()))


def drawn() -> dict[str, tuple[str, str | None]]:
    """The tree of the module's docstring: each name with its parent's and the status that stands beside it."""
    tree, above = {}, {}
    for line in errors.__doc__.partition("::\n")[2].partition("Each class")[0].splitlines():
        if found := BRANCH.match(line):
            depth = len(found["lines"]) // 4
            above[depth] = found["name"]
            tree[found["name"]] = (above.get(depth - 1, "Exception"), found["status"])
    return tree


@every_class
def test_every_errorcode_is_a_negative_integer(kind):
    assert type(kind.errorcode) is int
    assert kind.errorcode < 0


@every_class
def test_every_code_is_snake_case_and_the_name_of_its_class(kind):
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", kind.code)
    assert kind.code.replace("_", "") == kind.__name__.lower()


@every_class
def test_every_status_fits_its_branch(kind):
    if issubclass(kind, TOLD_WITH_200):
        assert kind.status == 200
    elif issubclass(kind, errors.ServiceFault):
        assert kind.status in {500, 503}
    elif kind is errors.MailUnavailable:
        assert kind.status == 503, "we could answer; a mail server could not"
    elif kind is errors.CredentialsRefused:
        assert kind.status == 401
    else:
        assert 400 <= kind.status < 500
        assert kind.status != 401


@every_class
def test_every_message_is_one_line_of_our_own_words_and_never_success(kind):
    assert kind.message
    assert kind.message.isascii()
    assert kind.message.isprintable()
    assert "success" not in kind.message
    assert not re.search(r"[{}%<>\"]", kind.message)


@pytest.mark.parametrize("fact", ["errorcode", "code", "message"])
def test_no_two_errors_share_a_fact(fact):
    facts = [getattr(kind, fact) for kind in CLASSES]
    assert len(set(facts)) == len(facts)


def test_no_code_is_one_that_old_clients_make_up_themselves():
    assert {-99, -999}.isdisjoint(kind.errorcode for kind in CLASSES)


def test_every_class_is_a_branch_or_can_be_answered():
    branches = {KeychainError, errors.RequestRefused, errors.RepoRefused, errors.ServiceFault, *TOLD_WITH_200}
    assert subclasses(KeychainError) == branches | set(CLASSES)
    assert branches.isdisjoint(CLASSES)
    assert len(set(CLASSES)) == len(CLASSES)


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes():
    kinds = subclasses(KeychainError)
    assert {name: parent for name, (parent, _) in drawn().items()} == {
        kind.__name__: kind.__base__.__name__ for kind in kinds
    }


def test_the_statuses_in_the_docstring_are_those_of_the_classes():
    said = {name: int(status) for name, (_, status) in drawn().items() if status}
    assert said == {name: getattr(errors, name).status for name in said}
    for kind in CLASSES:
        assert kind.__name__ in said or issubclass(kind, TOLD_WITH_200)


def test_codes_come_in_the_order_of_the_tree():
    assert [kind.__name__ for kind in CLASSES] == [name for name in drawn() if hasattr(getattr(errors, name), "code")]


@every_class
def test_an_error_says_its_message_and_claims_nothing(kind):
    assert str(kind()) == kind.message
    assert kind().attr_claims == {}


def test_an_error_may_have_other_words_and_claims():
    error = errors.ClaimRefused("other words", attr_claims={"email": False})
    assert str(error) == "other words"
    assert error.attr_claims == {"email": False}
