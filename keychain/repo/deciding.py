"""Answering on the phone: yes, no, or "this was not me". The first answer wins, and every phone is told which it was.

A yes is the control device's own signature, over exactly the nonce, the words and the origin that the phone showed;
where a PIN or a number was asked for, that is compared only once the try is counted.
"""

from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest

import structlog

from keychain import errors
from keychain.jose import jws
from keychain.repo import (
    accounts,
    asking,
    confirmations,
    control_keys,
    identities,
    phone_pins,
    signers,
    silenced,
    tokens,
    words,
)
from keychain.repo.confirmations import APPROVED, PENDING, REJECTED, REPORTED, Approval, Confirmation, Outcome
from keychain.repo.identities import Identity
from keychain.repo.masterkeys import MasterKeys
from keychain.repo.signers import Signer
from keychain.store.engine import Session

STATES = {"approve": APPROVED, "reject": REJECTED, "report": REPORTED}

_log = structlog.get_logger("keychain")


@dataclass(frozen=True)
class Answer:
    """What a phone answers; ``signed``, ``number`` and ``pin`` belong to a yes."""

    decision: str
    signed: str | None = field(repr=False)
    number: str | None = field(repr=False)
    pin: bytes | None = field(repr=False)


@dataclass(frozen=True)
class Decided:
    """How it was answered, and whether this very phone did."""

    state: str
    current: bool


def decide(session: Session, phone: Signer, id_: str, answer: Answer, *, keys: MasterKeys, now: datetime) -> Decided:
    """Answer a confirmation of the phone's account; one that is not waiting any more stays as it is.

    Raises:
        ConfirmationRefused: if its account was not asked this.
        ControlKeyRefused: for a yes by a phone that has no key on record for this identity.
        ApprovalRefused: for a yes without its signature.
        PinUnset, PinRefused, PinLocked, NumberRefused: for a yes without what the person had to type. Of the number
            that is the first and second time, and whenever none is there; the third wrong one ends in a no.
    """
    asked = confirmations.of(session, phone.account, id_)
    if asked is None:
        raise errors.ConfirmationRefused
    if answer.decision == "report" and asked.state_at(now) in confirmations.UNANSWERED:
        return _report_late(session, phone, asked, keys, now)
    if asked.state_at(now) != PENDING:
        return _told(asked, phone, now)
    outcome = Outcome(STATES[answer.decision], phone.device)
    if answer.decision == "approve":
        outcome = _approval(session, phone, asked, answer, now)
    with signers.acting(session, phone, now):
        won = confirmations.decide(session, id_, outcome, now)
        if won:
            accounts.changed(session, asked.account)
        if won and outcome.state == REPORTED:
            _silence(session, asked, keys, now)
    current = _current(session, asked)
    if not won and outcome.state == REPORTED and current.state_at(now) in confirmations.UNANSWERED:
        return _report_late(session, phone, current, keys, now)  # it was taken back, or its time came, just now
    return _told(current, phone, now)


def _report_late(session: Session, phone: Signer, asked: Confirmation, keys: MasterKeys, now: datetime) -> Decided:
    """Report what ended with nobody's answer: its state stays, and its asker is silenced all the same, once."""
    with signers.acting(session, phone, now):
        if confirmations.note_report(session, asked.id, phone.device, now):
            _silence(session, asked, keys, now)
            accounts.changed(session, asked.account)
    return _told(_current(session, asked), phone, now)


def _current(session: Session, asked: Confirmation) -> Confirmation:
    current = confirmations.of(session, asked.account, asked.id)
    if current is None:  # its site was forgotten just now
        raise errors.ConfirmationRefused
    return current


def _approval(session: Session, phone: Signer, asked: Confirmation, answer: Answer, now: datetime) -> Outcome:
    """A yes that holds; or a no, because the number was wrong once too often."""
    identity = identities.of(session, asked.account, asked.uid)
    key = control_keys.pinned(session, asked.uid, phone.device)
    if identity is None or key is None:
        raise errors.ControlKeyRefused
    if answer.signed is None:
        raise errors.ApprovalRefused
    approval = Approval(key.key, answer.signed)
    _check(approval, asked, identity)
    if asked.number is not None and answer.number is None:
        raise errors.NumberRefused  # nothing was tried
    if asked.level == asking.WITH_PIN:
        phone_pins.check(session, phone.device, answer.pin)
    if asked.number is not None and not _is_right(session, asked, answer.number or "", now):
        return Outcome(REJECTED, phone.device)
    return Outcome(APPROVED, phone.device, approval)


def _check(approval: Approval, asked: Confirmation, identity: Identity) -> None:
    """Pass a signature by the control key over exactly what was asked, and nothing beside it.

    What a site's server asked names that site: else whoever has a token, and a browser of the user, could carry a yes
    to another site, past the number that is typed for what browsers ask.
    """
    try:
        signature = jws.parse(approval.signed)
    except ValueError as error:
        raise errors.ApprovalRefused from error
    claims = {
        "nonce": asked.nonce,
        "words_sha256": words.digest(asked.title, asked.message),
        "origin": identity.origin,
        **({"aud": asked.audience} if asked.audience is not None else {}),
        **({"pin": True} if asked.level == asking.WITH_PIN else {}),
    }
    said = signature.unverified_claims
    same = said == claims and all(type(said[name]) is type(value) for name, value in claims.items())
    if not same or jws.verify(signature, approval.key) is None:
        raise errors.ApprovalRefused


def _is_right(session: Session, asked: Confirmation, number: str, now: datetime) -> bool:
    """Whether the number is right; ``False`` if that was the last try.

    Raises:
        NumberRefused: if it was not the last.
    """
    counted = confirmations.count_try(session, asked.id, now)
    if counted is not None and compare_digest(number.encode(), (asked.number or "").encode()):
        return True
    if counted is None or counted >= confirmations.NUMBER_TRIES:
        return False
    raise errors.NumberRefused


def _silence(session: Session, asked: Confirmation, keys: MasterKeys, now: datetime) -> None:
    """Do not hear of this asker any more; a token that was asked with is worth nothing from now on.

    Who asked unproved is nobody by name: with the token it has nothing to ask with, and a row would silence the honest
    site, which may be unproved too.
    """
    identity = identities.of(session, asked.account, asked.uid)
    assert identity is not None  # noqa: S101 - it is not forgotten while somebody acts
    if asked.proved:
        silenced.add(session, asked.account, asked.asker, identity.origin, now)
    if asked.kind == words.SEND_2FA:
        generation = identity.token_generation + 1
        token = keys.token(identity.uid, identity.key_version, generation)
        identities.new_token(session, identity.uid, generation, tokens.digest(token))
    _log.warning("confirmation_reported", kind=asked.kind, api_id=asked.audience)


def _told(asked: Confirmation, phone: Signer, now: datetime) -> Decided:
    return Decided(asked.state_at(now), asked.decided_by == phone.device)
