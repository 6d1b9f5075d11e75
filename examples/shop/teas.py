"""What is on the shelf."""

from typing import NamedTuple


class Tea(NamedTuple):
    """``key``: its name in addresses and files. ``price``: in euros, as it is printed."""

    key: str
    name: str
    words: str
    price: str


SHELF = (
    Tea("smoke", "Harbour Smoke", "Black tea, dried over pine. For rain against the window.", "9.40"),
    Tea("mint", "Garden Door", "Green tea and mint, cut on the same morning.", "7.80"),
    Tea("honey", "Late Lantern", "Rooibos, orange peel, honeybush. Nothing in it keeps you up.", "8.20"),
)


def find(key: str) -> Tea | None:
    """The tea of that key."""
    return next((tea for tea in SHELF if tea.key == key), None)
