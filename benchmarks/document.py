"""The generated parts of ``docs/performance.md``: between markers, with prose by hand around them.

``docs/performance.json`` keeps the figures of the last run of each target, because the plot shows both.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "performance.md"
FIGURES = DOCS / "performance.json"
PLOT = DOCS / "performance.svg"


class NoMarkers(Exception):
    """The page lost the place where a part belongs."""


def replaced(page: str, part: str, content: str) -> str:
    """``page`` with ``content`` between the markers of ``part``.

    Raises:
        NoMarkers: unless each of the two stands there once, in order.
    """
    begin, end = f"<!-- {part}: begin, written by make -->", f"<!-- {part}: end -->"
    before, begun, rest = page.partition(begin)
    _, ended, after = rest.partition(end)
    if not (begun and ended) or begin in rest or end in before + after:
        raise NoMarkers(f"{begin} ... {end}")
    return f"{before}{begin}\n\n{content.strip()}\n\n{end}{after}"


def table(rows: Sequence[Sequence[str]], numbers_from: int = 1) -> str:
    """A Markdown table; the first row is its head, and columns from ``numbers_from`` on stand to the right."""
    head, *body = ([cell.replace("|", "\\|") for cell in row] for row in rows)
    rule = ["---" if column < numbers_from else "---:" for column in range(len(head))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *body))


def write(part: str, content: str, figures: dict[str, Any]) -> dict[str, Any]:
    """Put a part into the page and its figures beside it; the figures of all parts."""
    PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8"), part, content), encoding="utf-8")
    kept: dict[str, Any] = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    kept[part] = figures
    FIGURES.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return kept
