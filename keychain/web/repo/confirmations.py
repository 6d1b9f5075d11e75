"""``/repo/confirmations``: asking a person on the phone, and what came of it (``docs/repo.md``, Confirmations)."""

from datetime import timedelta

from flask import Blueprint, Response

from keychain.jose import base64url
from keychain.repo import asking, outcomes, tickets
from keychain.repo.asking import Wish
from keychain.repo.confirmations import Confirmation
from keychain.repo.outcomes import Told
from keychain.web import answers, bodies
from keychain.web.repo import confirmation_schemas as schemas
from keychain.web.repo.desk import Asked, Desk
from keychain.web.repo.devices import time

# An asker hears of the end a little later than it comes.
TICKET_AFTER = timedelta(seconds=60)

_NEW_CONFIRMATION = schemas.NewConfirmation()
_NAMED_CONFIRMATION = schemas.NamedConfirmation()


def door(desk: Desk) -> Blueprint:
    """The three doors for who asks: a device, or a site's frame."""
    blueprint = Blueprint("repo_confirmations", __name__)
    keys, max_age = desk.keys, desk.service.settings.max_age

    @blueprint.route("/repo/confirmations", methods=["POST"])
    def ask() -> Response:
        """Ask the account's phones; the same question again is answered as it was."""
        with desk.asked(_NEW_CONFIRMATION, bodies.PAYLOAD_BYTES) as asked:
            made = _ask(desk, asked)
        ticket = tickets.make(keys, tickets.CONFIRMATION, made.id, made.expires_at + TICKET_AFTER)
        members = {"id": made.id, "number": made.number, "expires": time(made.expires_at), "ticket": ticket}
        return answers.render(answers.success(confirmation=members))

    @blueprint.route("/repo/confirmations/result", methods=["POST"])
    def result() -> Response:
        """How it stands, for who asked; once it is approved, the signatures."""
        with desk.asked(_NAMED_CONFIRMATION) as asked:
            signer = asked.device_or_frame()
            told = outcomes.read(asked.session, signer, asked.members["confirmation"], keys, max_age, asked.now)
        return answers.render(answers.success(confirmation=_told(told)))

    @blueprint.route("/repo/confirmations/cancel", methods=["POST"])
    def cancel() -> Response:
        """Do not ask any more. What was answered before that is told as it is."""
        with desk.asked(_NAMED_CONFIRMATION) as asked:
            signer = asked.device_or_frame()
            told = outcomes.cancel(asked.session, signer, asked.members["confirmation"], keys, max_age, asked.now)
        return answers.render(answers.success(confirmation=_told(told)))

    return blueprint


def _ask(desk: Desk, asked: Asked) -> Confirmation:
    signer, origin, sent = asked.device_or_frame(), asked.origin(), asked.members
    put = asking.ask(
        asked.session,
        signer,
        (sent["uid"], origin),
        Wish(sent["kind"], sent["level"], sent["title"], sent["message"], sent["nonce"], sent["shows_number"]),
        desk.visitor(),
        admit=desk.admit_question,
        max_age=desk.service.settings.max_age,
        now=asked.now,
    )
    if put.is_news:
        desk.push.wake(asked.session, signer.account, put.confirmation.id)
    return put.confirmation


def _told(told: Told) -> dict[str, object]:
    if told.payload is None:
        return {"state": told.state, "signed": None, "cd": None}
    repo, approval = told.payload.repo, told.payload.cd
    signed = {
        "uid": repo.uid,
        "key": base64url.encode(repo.key.raw),
        "nonce": repo.nonce,
        "two_factor_token": told.payload.two_factor_token,
    }
    by_phone = {"nonce": approval.signed, "key": base64url.encode(approval.key.raw)}
    return {"state": told.state, "signed": signed, "cd": by_phone}
