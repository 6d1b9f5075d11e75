"""``docs/performance.svg``: what a validation costs, as bars, from the figures of the last runs.

It has a background of its own, so that it reads the same on a light page and on a dark one, keeps its text as text, and
says in words, for those who do not see it, what it shows.
"""

import io
import re
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import matplotlib as mpl  # type: ignore[import-not-found,unused-ignore]

mpl.use("svg")
from matplotlib import pyplot as plt  # type: ignore[import-not-found,unused-ignore]

_INK, _PAPER, _FAINT = "#1b1f24", "#ffffff", "#c9d1d9"
_OURS, _LIMIT, _OTHERS = "#0b6e4f", "#8a6d00", "#6b7785"
_MODES = {"single": "one", "batch of 100": "one of a batch of 100"}
_TITLE = "CPU time of one validation"

Bar = tuple[str, float, str]  # label, microseconds, colour


def draw(figures: dict[str, Any], path: Path) -> None:
    """Write the plot; a part that was never measured is left out."""
    parts = [(name, bars) for name, bars in (_ours(figures.get("bench")), _peers(figures.get("peers"))) if bars]
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "performance", "font.family": "sans-serif"}):
        heights = [len(bars) + 1.2 for _, bars in parts]
        figure, axes = plt.subplots(
            len(parts), 1, figsize=(8.6, 0.42 * sum(heights) + 0.6), height_ratios=heights, squeeze=False
        )
        figure.set_facecolor(_PAPER)
        figure.suptitle(f"{_TITLE}, in microseconds (less is better)", color=_INK, fontsize=13, fontweight="bold")
        widest = max(cost for _, bars in parts for _, cost, _ in bars)
        for (name, bars), [axis] in zip(parts, axes, strict=True):
            _panel(axis, name, bars, widest)
        figure.tight_layout()
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", facecolor=_PAPER, metadata={"Date": None, "Creator": None})
        plt.close(figure)
    path.write_text(_described(drawn.getvalue(), _words(parts)), encoding="utf-8")


def _panel(axis: Any, name: str, bars: list[Bar], widest: float) -> None:  # noqa: ANN401 - no types of its own here
    labels, costs, colours = zip(*reversed(bars), strict=True)
    axis.barh(labels, costs, color=colours, height=0.68)
    axis.set_xlim(0, widest * 1.1)
    axis.set_title(name, loc="left", fontsize=10, color=_INK)
    axis.set_facecolor(_PAPER)
    axis.tick_params(colors=_INK, labelsize=9, length=0)
    axis.xaxis.grid(visible=True, color=_FAINT, linewidth=0.6)
    axis.set_axisbelow(True)
    for side in ("top", "right", "bottom"):
        axis.spines[side].set_visible(False)
    axis.spines["left"].set_color(_INK)
    for place, cost in enumerate(costs):
        axis.text(cost + widest * 0.01, place, f"{cost:.0f}", va="center", fontsize=9, color=_INK)


def _ours(found: dict[str, Any] | None) -> tuple[str, list[Bar]]:
    title = "Ours: two signatures, credentials, two reads and a durable write"
    if not found:
        return title, []
    rows = [(row, row["cpu"] + row["database_cpu"]) for one in found["services"] for row in one["rows"]]
    named = {"sqlite": "SQLite", "postgresql": "PostgreSQL, its server included"}
    return title, [
        ("two verifications and nothing else", found["limit"] * 1e6, _LIMIT),
        ("an empty Flask view", found["empty_view"] * 1e6, _OTHERS),
        ("the bare work, under the same server", found["bare"] * 1e6, _OTHERS),
        *(
            (f"{_MODES[row['mode']]}, {named[row['database']]}", cpu * 1e6, _OURS)
            for row, cpu in rows
            if row["mode"] in _MODES
        ),
    ]


def _peers(found: dict[str, Any] | None) -> tuple[str, list[Bar]]:
    title = "The same job by others, in one run: SQLite, one request at a time"
    if not found:
        return title, []
    return title, [
        ("ours, two signatures", found["ours"]["cpu"] * 1e6, _OURS),
        *((f"{peer['name']}, one", peer["cpu"] * 1e6, _OTHERS) for peer in found["peers"]),
    ]


def _words(parts: list[tuple[str, list[Bar]]]) -> str:
    return " ".join(
        f"{name}. " + "; ".join(f"{label}: {cost:.0f}" for label, cost, _ in bars) + "." for name, bars in parts
    )


def _described(svg: str, words: str) -> str:
    """For those who hear it: a role, a title and a description."""
    named = f'<title id="t">{escape(_TITLE)}, in microseconds</title>\n <desc id="d">{escape(words)}</desc>'
    svg = re.sub(r"<title>.*?</title>\s*|\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    return re.sub(r"<svg [^>]*", lambda tag: f'{tag[0]} role="img" aria-labelledby="t d"', svg, count=1).replace(
        'aria-labelledby="t d">', f'aria-labelledby="t d">\n {named}', 1
    )
