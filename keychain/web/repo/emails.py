"""``/repo/emails`` and below: proving an address by a mailed code or link (``docs/repo.md``, E-mail addresses)."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response
from marshmallow import Schema

from keychain import errors, mail_address
from keychain.jose import base64url
from keychain.repo import proving, verified_addresses
from keychain.repo.address_proofs import CODE_DIGITS
from keychain.repo.letters import LANGUAGES, Language, Letter
from keychain.repo.verified_addresses import Proved
from keychain.web import answers
from keychain.web.repo.desk import Desk
from keychain.web.repo.devices import time
from keychain.web.repo.schemas import Nothing, Parsed, digest_of

ID_BYTES = 16


def _address(text: str) -> str:
    try:
        return mail_address.parse(text)
    except ValueError as error:
        raise errors.MalformedAddress from error


def _language(text: str) -> Language:
    for language in LANGUAGES:
        if text == language:
            return language
    raise ValueError("not a language of ours")


def _id(text: str) -> str:
    if len(base64url.decode(text)) != ID_BYTES:
        raise ValueError("not 16 bytes")
    return text


def _code(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) == CODE_DIGITS):
        raise ValueError("not six digits")
    return text


class _Address(Schema):
    """An address to write to, and in which language."""

    address = Parsed(_address)
    language = Parsed(_language)


class _Code(Schema):
    """A proof under way, and the code that was mailed for it."""

    id = Parsed(_id)
    code = Parsed(_code)


class _Token(Schema):
    """What stands in a mailed link."""

    token = Parsed(digest_of)


_ADDRESS, _CODE, _TOKEN, _NOTHING = _Address(), _Code(), _Token(), Nothing()


def door(desk: Desk) -> Blueprint:
    """The five doors: three for devices, and two for the page of the mailed links."""
    blueprint = Blueprint("repo_emails", __name__)
    _for_devices(blueprint, desk)
    _for_links(blueprint, desk)
    return blueprint


def _for_devices(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.route("/repo/emails", methods=["POST"])
    def begin() -> Response:
        """Mail a code and a link. Only when they are on their way is anything written."""
        with desk.asked(_ADDRESS) as asked:
            signer, wanted = asked.device(), asked.members
            desk.mail.check()
            desk.admit_mail(signer.account, proving.recipient(desk.keys, wanted["address"]))
            begun = proving.draw(
                asked.session, signer.account, **wanted, keys=desk.keys, origin=desk.origin, now=asked.now
            )
        _mail(desk, wanted["address"], begun.letter)
        with desk.service.store.session() as session:
            proving.begin(session, signer, begun, desk.service.clock())
        return answers.render(answers.success(email={"id": begun.proof.id, "expires": time(begun.proof.expires)}))

    @blueprint.route("/repo/emails/confirm", methods=["POST"])
    def confirm() -> Response:
        """Prove an address by its code."""
        with desk.asked(_CODE) as asked:
            signer, typed = asked.device(), asked.members
            proved = proving.confirm(asked.session, signer, typed["id"], typed["code"], desk.keys, asked.now)
        return answers.render(answers.success(email=_shown(proved)))

    @blueprint.route("/repo/emails/state", methods=["POST"])
    def state() -> Response:
        """Which address is proved, for who knows it."""
        with desk.asked(_NOTHING) as asked:
            proved = verified_addresses.proved(asked.session, asked.device().account)
        return answers.render(answers.success(email=_shown(proved) if proved else None))


def _for_links(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.route("/repo/emails/link", methods=["POST"])
    def link() -> Response:
        """Prove an address by its link. Nobody signs this: who has the link has the mailbox."""
        with desk.asked(_TOKEN) as asked:
            proving.follow(asked.session, asked.members["token"], asked.now)
        return answers.render(answers.success())

    @blueprint.route("/repo/emails/refuse", methods=["POST"])
    def refuse() -> Response:
        """Whose mailbox it is did not ask for this."""
        window = timedelta(seconds=desk.service.settings.optout_window)
        with desk.asked(_TOKEN) as asked:
            closed = proving.refuse(asked.session, asked.members["token"], window, asked.now)
        return answers.render(answers.success(email={"closed": closed}))


def _mail(desk: Desk, address: str, letter: Letter) -> None:
    """Mail, from a place to wait in and without a permit: however long it takes, the other doors answer.

    Raises:
        WaitingRoomFull, MailUnavailable, MalformedAddress: if it could not be mailed.
    """
    with desk.room.place(), desk.service.permits.given_back():
        desk.mail.send(address, letter)


def _shown(proved: Proved) -> dict[str, Any]:
    return {
        "salt": base64url.encode(proved.salt),
        "digest": base64url.encode(proved.digest),
        "verified": time(proved.verified_at),
    }
