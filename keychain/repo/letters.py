"""The letter that proves an address: its words, in English and German, as plain text and as HTML.

Nothing in it came from outside: the service's origin, a code, and links. So nobody can make this service write their
words to a stranger.
"""

from dataclasses import dataclass, field
from html import escape
from typing import Literal

Language = Literal["en", "de"]
LANGUAGES: tuple[Language, ...] = ("en", "de")

_EN = {
    "subject": "Confirm your e-mail address",
    "subject.welcome": "Welcome: confirm your e-mail address",
    "title": "Confirm this address",
    "title.welcome": "Welcome",
    "lead": "Somebody, we hope you, wants to use this e-mail address at {origin}.",
    "lead.welcome": "Somebody, we hope you, has made a OneID at {origin}, and wants to use this e-mail address with"
    " it.",
    "code": "Type this code where you were asked for it:",
    "link": "Or open this page, and confirm there:",
    "link.label": "Confirm the address",
    "warning": "Confirm only what you asked for yourself, a moment ago. Whoever asked will be able to show websites"
    " that this address is theirs. Nobody of us ever asks you for the code.",
    "good": "Code and page are good for 30 minutes.",
    "refuse": "This was not you? Say so here, and nothing will come of it:",
    "refuse.label": "This was not me",
}
_DE = {
    "subject": "Bestätigen Sie Ihre E-Mail-Adresse",
    "subject.welcome": "Willkommen: Bestätigen Sie Ihre E-Mail-Adresse",
    "title": "Diese Adresse bestätigen",
    "title.welcome": "Willkommen",
    "lead": "Jemand, hoffentlich Sie, möchte diese E-Mail-Adresse bei {origin} benutzen.",
    "lead.welcome": "Jemand, hoffentlich Sie, hat bei {origin} eine OneID angelegt und möchte diese E-Mail-Adresse"
    " damit benutzen.",
    "code": "Geben Sie diesen Code dort ein, wo Sie danach gefragt wurden:",
    "link": "Oder öffnen Sie diese Seite und bestätigen Sie dort:",
    "link.label": "Die Adresse bestätigen",
    "warning": "Bestätigen Sie nur, was Sie selbst gerade eben verlangt haben. Wer es verlangt hat, kann danach"
    " Websites zeigen, dass ihm diese Adresse gehört. Niemand von uns fragt Sie je nach dem Code.",
    "good": "Code und Seite gelten 30 Minuten.",
    "refuse": "Das waren nicht Sie? Sagen Sie es hier, und es wird nichts daraus:",
    "refuse.label": "Das war ich nicht",
}
_WORDS: dict[Language, dict[str, str]] = {"en": _EN, "de": _DE}


@dataclass(frozen=True)
class Letter:
    """What is written, whoever it is written to. ``link`` is the token; ``is_welcome``: it is the account's first."""

    origin: str
    code: str = field(repr=False)
    link: str = field(repr=False)
    is_welcome: bool
    language: Language = "en"

    @property
    def confirm_url(self) -> str:
        """Where the person confirms. The token stands in the fragment, which is sent to no server."""
        return f"{self.origin}/verify#{self.link}"

    @property
    def refuse_url(self) -> str:
        """Where the person says that it was a mistake."""
        return f"{self.origin}/verify#no.{self.link}"

    @property
    def subject(self) -> str:
        """One line."""
        return self._say("subject")

    @property
    def text(self) -> str:
        """The plain words."""
        say = self._say
        return (
            f"{say('title')}\n\n{say('lead')}\n\n{say('code')}\n\n    {self.code}\n\n{say('link')}\n\n"
            f"{self.confirm_url}\n\n{say('warning')}\n\n{say('good')}\n\n{say('refuse')}\n\n{self.refuse_url}\n"
        )

    @property
    def html(self) -> str:
        """The same as HTML, with nothing to load from anywhere."""
        say = {name: escape(self._say(name)) for name in _EN if "." not in name or name.endswith(".label")}
        return (
            f'<!doctype html>\n<html lang="{self.language}">\n<head><meta charset="utf-8">'
            f'<title>{say["subject"]}</title></head>\n<body style="{_PAGE}">\n'
            f'<h1 style="font-size:1.4em">{say["title"]}</h1>\n<p>{say["lead"]}</p>\n<p>{say["code"]}</p>\n'
            f'<p style="{_CODE}">{escape(self.code)}</p>\n'
            f'<p>{say["link"]}<br><a href="{escape(self.confirm_url)}">{say["link.label"]}</a></p>\n'
            f"<p>{say['warning']}</p>\n<p>{say['good']}</p>\n"
            f'<p>{say["refuse"]}<br><a href="{escape(self.refuse_url)}">{say["refuse.label"]}</a></p>\n'
            "</body>\n</html>\n"
        )

    def _say(self, name: str) -> str:
        words = _WORDS[self.language]
        chosen = words.get(f"{name}.welcome" if self.is_welcome else name, words[name])
        return chosen.format(origin=self.origin)


_PAGE = "font:16px/1.5 sans-serif;max-width:36em;margin:1.5em auto;padding:0 1em"
_CODE = "font:600 1.8em/1.3 monospace;letter-spacing:.15em"
