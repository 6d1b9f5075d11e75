"""``/mailbox``: in development, what would have been mailed. Where others reach the service, there is no such page.

It shows codes and links, and not whom they are for. Only this machine is answered, by its own address and without a
proxy in between, and under a name of this machine: a page elsewhere whose name was made to lead here reads nothing.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from html import escape
from typing import Protocol

from flask import Blueprint, Response, request

from keychain import errors
from keychain import origin as origins
from keychain.repo.letters import Letter
from keychain.settings import is_loopback
from keychain.web import bundle, headers
from keychain.web.service import Service


class Mail(Protocol):
    """A letter that was kept, and since when."""

    @property
    def letter(self) -> Letter:
        """What is written."""

    @property
    def at(self) -> datetime:
        """When it came."""


def door(service: Service, mails: Callable[[], Sequence[Mail]]) -> Blueprint:
    """The page. ``mails``: what to show, the newest first."""
    blueprint = Blueprint("mailbox", __name__)

    @blueprint.route("/mailbox", methods=["GET"])
    def mailbox() -> Response:
        """All of this process."""
        if not _is_this_machine():
            raise errors.NotFound
        page = _PAGE.format(
            look=bundle.read().address("shared/look.css"),
            shape=bundle.read().address("verify/verify.css"),
            worker=_WORKER if service.settings.workers > 1 else "",
            mails="".join(map(_shown, mails())) or "<p>Nothing came yet.</p>",
        )
        return Response(page, headers=headers.READ | {"Cache-Control": "no-store"}, content_type=_HTML)

    return blueprint


def _is_this_machine() -> bool:
    """Whether this machine asks. What passed a proxy does not, whatever name the proxy calls us."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        named = origins.parse(f"{request.scheme}://{request.host}")
        return named.is_loopback and is_loopback(request.remote_addr or "")
    except ValueError:
        return False


def _shown(mail: Mail) -> str:
    letter = mail.letter
    return _MAIL.format(
        language=letter.language,
        subject=escape(letter.subject),
        at=f"{mail.at:%H:%M:%S} UTC",
        code=escape(letter.code),
        confirm=escape(letter.confirm_url),
        refuse=escape(letter.refuse_url),
        text="".join(f"<p>{escape(part.strip())}</p>" for part in letter.text.split("\n\n")),
    )


_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")
_HTML = "text/html; charset=utf-8"
_WORKER = "<p>There are several workers, and each shows its own mails only: reload until you find yours.</p>"
_PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Mailbox</title>
    <link rel="stylesheet" href="{look}">
    <link rel="stylesheet" href="{shape}">
  </head>
  <body>
    <main>
      <h1>Mailbox</h1>
      <p>No mail server is set, so what would have been mailed is here, the newest first.</p>
      {worker}
      <p><a href="/mailbox">Look again</a></p>
      {mails}
    </main>
  </body>
</html>
"""
_MAIL = """<section class="card mail" lang="{language}">
        <h2>{subject}</h2>
        <p>{at}</p>
        <p><code class="code">{code}</code></p>
        <p><a class="confirm" href="{confirm}">The link to confirm</a></p>
        <p><a class="refuse" href="{refuse}">The link for “this was not me”</a></p>
        <details><summary>The whole letter</summary>{text}</details>
      </section>
      """
