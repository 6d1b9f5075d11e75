"""What is wanted of a figure, and whether it was found: the lines that ``make bench`` ends with, and its exit code."""

from collections.abc import Iterable
from dataclasses import dataclass

SLACK = 5.0  # for ceilings in seconds: a machine that is busy with something else is no failure of ours


@dataclass(frozen=True)
class Wanted:
    """A figure and its bound, in the same unit. ``slack`` is how many times a ceiling may be passed without failing."""

    what: str
    found: float
    bound: float
    unit: str = ""
    at_most: bool = True
    slack: float = 1.0

    @property
    def met(self) -> bool:
        """Exactly."""
        return self.found <= self.bound if self.at_most else self.found >= self.bound

    @property
    def fails(self) -> bool:
        """Missed by more than the slack."""
        return not self.met and not (self.at_most and self.found <= self.bound * self.slack)

    @property
    def verdict(self) -> str:
        """``met`` or ``missed``."""
        if self.met:
            return "met"
        return "missed" if self.fails else f"missed, within the {self.slack:.0f}-fold slack of a time"

    def cells(self) -> tuple[str, str, str, str]:
        """What, found, wanted, verdict."""
        digits = 1 if self.unit in {"ms", "MB"} else 2
        bound = f"{'≤' if self.at_most else '≥'} {self.bound:g} {self.unit}".rstrip()
        return self.what, f"{self.found:.{digits}f} {self.unit}".rstrip(), bound, self.verdict


def failing(found: Iterable[Wanted]) -> list[Wanted]:
    """Those that make the run a failure."""
    return [one for one in found if one.fails]
