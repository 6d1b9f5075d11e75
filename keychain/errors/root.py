"""The root of the tree, and what every failure carries."""

from collections.abc import Mapping
from typing import ClassVar


class KeychainError(Exception):
    """The root. ``str(error)`` is safe to show to anyone; ``attr_claims`` is part of every answer."""

    errorcode: ClassVar[int]
    code: ClassVar[str]
    status: ClassVar[int]
    message: ClassVar[str]

    def __init__(self, message: str | None = None, *, attr_claims: Mapping[str, bool] | None = None) -> None:
        super().__init__(message or self.message)
        self.attr_claims: Mapping[str, bool] = attr_claims or {}
