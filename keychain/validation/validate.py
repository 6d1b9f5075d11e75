"""Answers a site's whole question, in the numbered steps of ``docs/protocol.md``.

1. Parse every JWS and key. 2. One nonce, well-formed and fresh. 3. Read the record of the uid. 4. Verify every
signature present, then hold the keys against the record. 5. The site's required roles, the audience, the words of a
confirmation. 6. The attribute claims. 7. In one transaction: spend ``(uid, nonce)`` and write a first record or a
signed change of it.

Steps 1 to 6 read and compute outside any lock, and step 7 is the only write. So a stranger can neither burn a nonce
nor plant a key: whatever is refused leaves nothing behind.
"""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import structlog

from keychain import errors
from keychain import nonce as nonces
from keychain.jose import base64url, jws
from keychain.jose.jwk import PublicKey
from keychain.store.engine import Session
from keychain.validation import claims, mismatches, record, replay, roles
from keychain.validation.question import Caller, Policy, Question, Validation

_log = structlog.get_logger("keychain")

FOR_THE_RECORD = "record"
UID_BYTES = 16
UID_LENGTH = 24


class UnverifiedAssertion(NamedTuple):
    """Steps 1 and 2: well-formed, about one fresh nonce, and not yet believed."""

    question: Question
    nonce: nonces.Nonce
    signatures: Mapping[str, jws.UnverifiedJWS]
    keys: Mapping[str, PublicKey]
    change: record.Change | None
    spending: replay.Spending  # what step 7 spends


class Proof(NamedTuple):
    """Steps 3 to 6: proved. Only step 7 is left."""

    assertion: UnverifiedAssertion
    on_record: record.Record
    ruling: record.Ruling
    attr_claims: Mapping[str, bool]
    pin: bool

    @property
    def answer(self) -> Validation:
        """What the site is told once step 7 is on disk."""
        return Validation(roles.in_order(self.assertion.keys), self.attr_claims, self.ruling.first_use, self.pin)


def validate(question: Question, caller: Caller, *, policy: Policy, session: Session, now: datetime) -> Validation:
    """Answer one question.

    Raises:
        ProofRefused: for every reason for which the answer is no; nothing is spent and nothing written then.
        TooManyFirstUses, Unavailable: nothing was decided.
    """
    assertion = parse(question, policy, now)
    on_record = record.read(session, question.uid)
    proof = None
    try:
        proof = prove(assertion, on_record, caller, policy, now)
        return settle(proof, policy, session, now)
    except errors.KeyNotOnRecord:
        # Once proved, it is somebody else's record in between that refuses.
        note_mismatch(assertion, None if proof else on_record, caller, session, now)
        raise


def parse(question: Question, policy: Policy, now: datetime) -> UnverifiedAssertion:
    """Steps 1 and 2: bytes to values, and the cheap reasons to refuse."""
    _check_uid(question.uid)
    if set(question.nonces) - set(roles.ALL):
        raise errors.UnknownRole
    if not roles.suffice(question.nonces):
        raise errors.MissingSignatures
    signatures = {role: _jws(text) for role, (text, _) in question.nonces.items()}
    keys = {role: _key(text) for role, (_, text) in question.nonces.items()}
    if len(set(keys.values())) < len(keys):  # one signer that calls itself two
        raise errors.MissingSignatures

    signed = [signature.unverified_claims for signature in signatures.values()]
    nonce = nonces.parse(signed[0].get("nonce"))
    if any(other.get("nonce") != nonce.text for other in signed):
        raise errors.NoncesDiffer
    nonces.check_freshness(nonce, now, policy.max_age)
    spending = (nonce.text, question.uid, question.request)
    return UnverifiedAssertion(question, nonce, signatures, keys, _change(signed), spending)


def prove(
    assertion: UnverifiedAssertion, on_record: record.Record, caller: Caller, policy: Policy, now: datetime
) -> Proof:
    """Steps 4 to 6: believe nothing, compute everything, write nothing."""
    verified = _verify(assertion)
    may_pin = caller.site.may_pin
    pins = may_pin or policy.pin_unknown
    ruling = record.match(on_record, assertion.keys, assertion.change, pin_unknown=pins)

    if not set(caller.site.required_roles) <= set(ruling.known):
        raise errors.RolesRequired
    if not all(_is_for(caller, signed) for signed in verified.values()):
        raise errors.WrongAudience
    _check_words(assertion.question, verified, ruling.known)

    question = assertion.question
    attr_claims = claims.check(
        question.attr_claim_tokens, uid=question.uid, attr=question.attr, keys=policy.claims_keys, now=now
    )
    if ruling.first_use and not may_pin and not policy.admit_first_use(caller):
        raise errors.TooManyFirstUses
    pin = "cd" in ruling.known and verified["cd"].claims.get("pin") is True
    return Proof(assertion, on_record, ruling, attr_claims, pin)


def settle(proof: Proof, policy: Policy, session: Session, now: datetime) -> Validation:
    """Step 7: spend the nonce and write the record, both or neither. It is on disk when this returns."""
    if not proof.ruling.writes:  # one statement is a transaction of its own
        replay.spend(session, proof.assertion.spending)
        return proof.answer
    with session.transaction():
        replay.spend(session, proof.assertion.spending)
        if not record.write(session, proof.on_record, proof.ruling, now):
            proof = _against_the_winner(proof, policy, session, now)
    return proof.answer


def note_mismatch(
    assertion: UnverifiedAssertion, on_record: record.Record | None, caller: Caller, session: Session, now: datetime
) -> None:
    """Keep a trace of a key that was refused beside good ones, after the transaction that it spoiled is gone.

    Where none was good there is nothing to keep, and a uid that nobody has seen takes as long as one with other keys.
    ``None`` is a record that has to be read anew.

    The refusal matters more than its trace: a database that can not keep it is logged, and no more.
    """
    uid, keys = assertion.question.uid, assertion.keys
    try:
        strangers = (on_record or record.read(session, uid)).strangers(keys)
        if len(strangers) == len(keys):  # where nobody on record signed, anyone can have made it up
            return
        with session.transaction():
            record.hold(session, uid)
            mismatches.note(session, uid, strangers, caller.site.api_id, now)
    except errors.Unavailable as trouble:
        _log.warning("mismatch not noted", exc_info=trouble)


def _against_the_winner(proof: Proof, policy: Policy, session: Session, now: datetime) -> Proof:
    """Somebody else wrote the record first. What they wrote now stands; hold this payload against that.

    Nothing else of step 5 has to be asked again: a second match passes with the same keys known as the first, or more.
    """
    assertion = proof.assertion
    record.hold(session, assertion.question.uid)
    on_record = record.read(session, assertion.question.uid)
    ruling = record.match(on_record, assertion.keys, assertion.change, pin_unknown=policy.pin_unknown)
    if ruling.writes and not record.write(session, on_record, ruling, now):
        raise errors.Unavailable
    return proof._replace(on_record=on_record, ruling=ruling)


def _verify(assertion: UnverifiedAssertion) -> dict[str, jws.VerifiedJWS]:
    """Every signature that is present; one bad one spoils the answer."""
    verified = {}
    for role, signature in assertion.signatures.items():
        believed = jws.verify(signature, assertion.keys[role])
        if believed is None:
            raise errors.BadSignature
        verified[role] = believed
    return verified


def words_digest(message: str, title: str = "") -> str:
    """What a control device signs as ``words_sha256``: base64url SHA-256 of title, line feed, message in UTF-8."""
    return base64url.encode(hashlib.sha256(f"{title}\n{message}".encode()).digest())


def _is_for(caller: Caller, signed: jws.VerifiedJWS) -> bool:
    """Whether a signature names no audience, or this one. A change that devices sign for the record is for a repo
    alone, so that whoever relays it can not sign in with it.
    """
    audience = signed.claims.get("aud", caller.site.api_id)
    return audience == caller.site.api_id or (audience == FOR_THE_RECORD and caller.site.may_pin)


def _check_words(question: Question, verified: Mapping[str, jws.VerifiedJWS], known: Collection[str]) -> None:
    """Where the site says what it asked the person, the control device has to have signed exactly those words.

    One that only this payload puts on record is not yet that person's.
    """
    if question.message is None:
        return
    approved = verified["cd"].claims.get("words_sha256") if "cd" in known else None
    if approved != words_digest(question.message, question.title):  # a digest of what was shown is no secret
        raise errors.WordsNotApproved


def _check_uid(uid: str) -> None:
    try:
        canonical = len(uid) == UID_LENGTH and len(base64url.decode_standard(uid)) == UID_BYTES
    except ValueError:
        canonical = False
    if not canonical:
        raise errors.MalformedUid


def _jws(text: str) -> jws.UnverifiedJWS:
    try:
        return jws.parse(text)
    except ValueError as error:
        raise errors.MalformedJWS from error


def _key(text: str) -> PublicKey:
    try:
        return PublicKey.parse(text)
    except ValueError as error:
        raise errors.MalformedKey from error


def _change(signed: list[Mapping[str, Any]]) -> record.Change | None:
    """The change of the record that every role signed alike, if they signed one."""
    if not any("pins" in claims or "unpins" in claims for claims in signed):
        return None
    wishes = [{name: claims[name] for name in ("pins", "unpins") if name in claims} for claims in signed]
    wish = wishes[0]
    if len(wish) != 1 or any(other != wish for other in wishes):
        raise errors.RecordChangeRefused
    [(verb, named)] = wish.items()
    if not isinstance(named, dict) or not named or set(named) - set(roles.ALL):
        raise errors.RecordChangeRefused
    if not all(isinstance(thumbprint, str) for thumbprint in named.values()):
        raise errors.RecordChangeRefused
    return record.Change(**{verb: named})
