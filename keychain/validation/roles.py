"""The three signers of a nonce, as the wire names them.

``ad``: the active device, a browser. ``repo``: the user's cloud half. ``cd``: the control device, a phone.
"""

from collections.abc import Collection

ALL = ("ad", "repo", "cd")  # the order in which answers list them


def suffice(present: Collection[str]) -> bool:
    """Whether these roles can answer for a user at all: two or more, repo among them."""
    return len(present) >= 2 and "repo" in present


def in_order(present: Collection[str]) -> tuple[str, ...]:
    """The roles, each once, as ``ALL`` orders them."""
    return tuple([role for role in ALL if role in present])


def parse_list(text: str) -> tuple[str, ...]:
    """The roles of a list such as ``ad,repo`` (spaces or commas).

    Raises:
        ValueError: for anything else in it.
    """
    named = text.replace(",", " ").split()
    if unknown := set(named) - set(ALL):
        raise ValueError(f"not a role: {', '.join(sorted(unknown))}; the roles are {', '.join(ALL)}")
    return in_order(named)
