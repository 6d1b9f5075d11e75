"""A person who proves an e-mail address, for tests: what a device asks, and what the mail brought."""

import hashlib
from dataclasses import dataclass
from html.parser import HTMLParser

from authenticator import Json
from device import Device
from flask import Flask
from mail_server import MailServer, Received

from keychain.jose import base64url

ADDRESS = "Ann.Example+1@mail.example.org"
FROM = "oneid@id.example.org"
NEVER = "A" * 43


def through(server: MailServer) -> Json:
    """The settings of a service that mails through a server on this machine."""
    return {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_tls": "none", "mail_from": FROM}


def wish(address: str = ADDRESS, language: str = "en") -> Json:
    return {"address": address, "language": language}


@dataclass
class Mailed:
    """A mail that a device asked for."""

    device: Device
    id: str
    mail: Received

    def confirm(self, code: str | None = None, id_: str | None = None) -> tuple[int, Json]:
        typed = {"id": id_ or self.id, "code": code or self.mail.code}
        return self.device.post("/repo/emails/confirm", typed)

    def wrong(self) -> str:
        """The code of the refusal of a wrong code."""
        other = f"{(int(self.mail.code) + 1) % 10**6:06}"
        return self.confirm(other)[1].get("code", "success")

    def follow(self, door: str = "link", token: str | None = None) -> tuple[int, Json]:
        return follow(self.device, door, self.mail.token if token is None else token)

    def code_of(self, door: str) -> str:
        """``success``, or the code of the refusal: ``confirm``, ``link`` or ``refuse``."""
        _, members = self.confirm() if door == "confirm" else self.follow(door)
        return members.get("code", "success")


def ask_for_mail(device: Device, server: MailServer, **wanted: str) -> Mailed:
    begun = device.do("/repo/emails", wish(**wanted))["email"]
    return Mailed(device, begun["id"], server.last())


def follow(device: Device, door: str, token: str) -> tuple[int, Json]:
    """What the page of the mailed link asks: nobody signs it."""
    return device.ask(f"/repo/emails/{door}", f'{{"token": "{token}"}}'.encode(), {})


def state(device: Device) -> Json | None:
    return device.do("/repo/emails/state")["email"]


def is_of(proved: Json | None, address: str = ADDRESS) -> bool:
    """Whether what the repo keeps is about this address."""
    assert proved is not None
    digest = hashlib.sha256(base64url.decode(proved["salt"]) + address.encode()).digest()
    return base64url.decode(proved["digest"]) == digest and len(base64url.decode(proved["salt"])) == 32


def prove(device: Device, app: Flask, address: str = ADDRESS) -> Json:
    """An address, proved with what the mailbox of a service in development shows."""
    begun = device.do("/repo/emails", wish(address))["email"]
    page = app.test_client().get("/mailbox", headers={"Host": "localhost"})
    proved: Json = device.do("/repo/emails/confirm", {"id": begun["id"], "code": MailboxPage(page.text).codes[0]})[
        "email"
    ]
    return proved


class MailboxPage(HTMLParser):
    """The codes and links of ``/mailbox``, by their class, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.codes: list[str] = []
        self.links: dict[str, list[str]] = {"confirm": [], "refuse": []}
        self._in_code = False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self._in_code = named.get("class") == "code"
        if tag == "a" and named.get("class") in self.links:
            self.links[named["class"]].append(named["href"])

    def handle_data(self, text):
        if self._in_code:
            self.codes.append(text)
            self._in_code = False
