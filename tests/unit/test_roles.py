"""Two signers at least, the repo among them; any list of roles in one order."""

from itertools import chain, combinations, permutations

import pytest

from keychain.validation import roles

SUBSETS = list(chain.from_iterable(combinations(roles.ALL, size) for size in range(4)))
SUFFICIENT = {("ad", "repo"), ("repo", "cd"), ("ad", "repo", "cd")}


def test_there_are_three_roles():
    assert roles.ALL == ("ad", "repo", "cd")


@pytest.mark.parametrize("present", SUBSETS, ids=" ".join)
def test_two_roles_with_the_repo_suffice_and_nothing_less(present):
    assert roles.suffice(present) == (present in SUFFICIENT)
    assert roles.suffice(set(present)) == (present in SUFFICIENT)


def test_an_empty_set_of_signatures_never_suffices():
    assert not roles.suffice({})


@pytest.mark.parametrize("present", SUBSETS, ids=" ".join)
def test_any_order_and_any_repetition_becomes_the_one_order(present):
    for shuffled in permutations(present):
        assert roles.in_order(shuffled + shuffled) == present
        assert roles.in_order(dict.fromkeys(shuffled).keys()) == present


def test_what_is_no_role_has_no_place():
    assert roles.in_order(["cd", "admin", "", "AD", "ad"]) == ("ad", "cd")


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("", ()), (" ", ()), (",", ()), ("ad", ("ad",)), ("ad,repo", ("ad", "repo")), ("repo ad", ("ad", "repo")),
        ("cd, repo,ad", ("ad", "repo", "cd")), (" cd\tcd\n,", ("cd",)), ("repo,,cd", ("repo", "cd")),
    ],
)  # fmt: skip
def test_a_list_is_read_with_spaces_or_commas(text, listed):
    assert roles.parse_list(text) == listed


@pytest.mark.parametrize("text", ["AD", "ad;repo", "ad repo phone", "ad-repo", "none", "*", "adrepo"])
def test_a_list_with_anything_else_in_it_is_refused(text):
    with pytest.raises(ValueError, match="the roles are ad, repo, cd"):
        roles.parse_list(text)
