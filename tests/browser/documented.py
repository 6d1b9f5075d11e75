"""The examples of ``docs/javascript.md`` and ``attributes.md``: blocks of code, each named in the comment before it."""

import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
PAGES = (DOCS / "javascript.md", DOCS / "attributes.md")
# What the examples call the service.
SERVICE = "https://id.example.org"

EXAMPLE = re.compile(r"^<!-- example: ([\w-]+) -->\n```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ARROW = re.compile(r"// → (.+?)(?:, or (.+) if the person cancels)?$", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    name: str
    language: str
    code: str

    @property
    def can_be_cancelled(self) -> bool:
        return any(otherwise for _, otherwise in ARROW.findall(self.code))

    def logs(self, *, cancelled: bool = False) -> list[str]:
        """What stands behind its arrows, line by line."""
        return [otherwise if cancelled else value for value, otherwise in ARROW.findall(self.code)]


def examples(language: str) -> dict[str, Example]:
    texts = [page.read_text(encoding="utf-8") for page in PAGES]
    found = [Example(*parts) for text in texts for parts in EXAMPLE.findall(text)]
    return {example.name: example for example in found if example.language == language}


def fits(said: str, logged: str) -> bool:
    """Whether what was logged is what the page says, where ``…`` is anything."""
    return re.fullmatch(".+".join(map(re.escape, said.split("…"))), logged) is not None
