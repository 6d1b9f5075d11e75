"""The six operations, each written once, without input or output (see ``exchange``)."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from . import answer, batches, payload, strict_json
from .credentials import Credentials
from .errors import AnswerLost, ConfigurationError, CouldNotAsk, NotAnAnswer, Refused, ServiceUnavailable
from .exchange import PAUSES, Ask, Reply, Steps, exchange, jittered
from .expectations import UNSAID, Expectations
from .validation import Validation

__all__ = ["confirm", "make_nonce", "register", "validate", "validate_many", "verify"]

_NONCE = re.compile(r"001\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ[A-Za-z0-9]{6,41}", re.ASCII)
# A service that wants more time than this gets it from the user, not from a waiting web request.
_LONGEST_PAUSE = 2
# Seconds. A service answers about a person who does not within 50.
_DECIDING = 60
# The service's own number for token_refused.
_TOKEN_REFUSED = -92


def validate(browser_payload: payload.Payload) -> Steps[Validation]:
    """A refusal is an answer here. Raises CouldNotAsk."""
    try:
        return (yield from verify(browser_payload, Expectations()))
    except Refused as refusal:
        return Validation.refused(refusal)


def verify(browser_payload: payload.Payload, expected: Expectations) -> Steps[Validation]:
    """Raises Refused and CouldNotAsk."""
    unverified = payload.parse(browser_payload)
    expected.check_before(unverified)
    ask = Ask("/validate", unverified.question(message=expected.message, title=expected.title))
    try:
        members = yield from _read_patiently(ask)
    except Refused as refusal:
        if refusal.code != "repeated_request":
            raise
        # Our own question came twice, by our retry or a proxy's. Its answer, perhaps a success, is lost.
        raise AnswerLost("the service answered this question before; let the user begin again") from refusal
    validation = Validation.succeeded(unverified.members, answer.proof(members, unverified.roles), unverified.email)
    expected.check_after(validation)
    return validation


def confirm(
    uid: str | None, two_factor_token: str | None, message: str, title: str | None = None, nonce: str | None = None
) -> Steps[Validation]:
    """A refusal is an answer here, the person's no included. Raises CouldNotAsk.

    Asked again only where nothing was sent: the person would be asked twice.
    """
    expected = Expectations.of(UNSAID if nonce is None else nonce, message, title, ("repo", "cd"))
    if expected.message is None:  # it would be an expectation that everything meets
        raise ValueError("message is the text that the user has to approve")
    if uid is None:
        return Validation.refused(payload.malformed("uid is not a string"))
    if two_factor_token is None:
        return Validation.refused(Refused("token_refused", _TOKEN_REFUSED, "there is no two_factor_token of this user"))
    asked = {"two_factor_token": two_factor_token, "message": message, "title": title, "nonce": nonce}
    body = strict_json.write_words({name: value for name, value in asked.items() if value is not None})
    try:
        reply = yield from exchange(Ask("/repo/send_2fa", body, patience=_DECIDING, of_repo=True))
        signed = {"uid": uid, "nonces": answer.confirmed(answer.read(reply))}
        return (yield from verify(signed, expected))
    except Refused as refusal:
        return Validation.refused(refusal)


def validate_many(browser_payloads: Iterable[payload.Payload]) -> Steps[list[Validation]]:
    """In the order of the payloads. Raises CouldNotAsk, with what was ``answered`` before."""
    validations: list[Validation] = []
    try:
        for batch in batches.of(browser_payloads):
            validations += yield from _validate_batch(batch)
    except CouldNotAsk as interrupted:
        interrupted.answered = tuple(validations)
        raise
    return validations


def make_nonce() -> Steps[str]:
    """The service keeps nothing of it, so asking twice is harmless. Raises CouldNotAsk and Refused."""
    nonce = (yield from _read_patiently(Ask("/make_nonce", "{}"), harmless=True)).get("nonce")
    if not isinstance(nonce, str) or not _NONCE.fullmatch(nonce):
        raise NotAnAnswer("the nonce is not 001, a UTC second and at least six letters or digits")
    return nonce


def register() -> Steps[Credentials]:
    """Raises CouldNotAsk and Refused."""
    members = answer.read((yield from exchange(Ask("/register", "{}"))))
    api_id, api_key = members.get("API_ID"), members.get("API_KEY")
    if not isinstance(api_id, str) or not isinstance(api_key, str):
        raise NotAnAnswer("there is no API_ID or no API_KEY in the answer")
    try:
        return Credentials(api_id, api_key)
    except ConfigurationError:
        raise NotAnAnswer("the API_ID or API_KEY in the answer can not be used") from None


def _read_patiently(ask: Ask, *, harmless: bool = False) -> Steps[dict[str, Any]]:
    """The members of a success; asked once more, with the same ``request``, where the service was busy."""
    try:
        return answer.read((yield from exchange(ask, harmless=harmless)))
    except ServiceUnavailable as busy:
        wanted = busy.retry_after or 0
        if (busy.status, busy.code) != (503, "unavailable") or wanted > _LONGEST_PAUSE:
            raise
    again = replace(ask, pause=max(wanted, jittered(PAUSES[0])))
    return answer.read((yield from exchange(again, harmless=harmless)))


def _validate_batch(batch: batches.Batch) -> Steps[list[Validation]]:
    questions = [entry.text for entry in batch if isinstance(entry, batches.Question)]
    answers: list[object] = []
    if questions:
        reply: Reply = yield from exchange(Ask("/validate_batch", batches.envelope(questions)))
        received = answer.read(reply).get("answers")
        if not isinstance(received, list) or len(received) != len(questions):
            raise NotAnAnswer("there is not one answer for each payload")
        answers = received
    remaining = iter(answers)
    return [
        Validation.refused(entry) if isinstance(entry, Refused) else _judge(entry, next(remaining)) for entry in batch
    ]


def _judge(question: batches.Question, said: object) -> Validation:
    unverified = question.payload
    try:
        members = answer.proof(answer.judge(said), unverified.roles)
    except Refused as refusal:
        return Validation.refused(refusal)
    return Validation.succeeded(unverified.members, members, unverified.email)
