"""Asking a person on the phone: by a signer that has a screen, or by a site's server with a two_factor_token.

Whoever asks gives the words to the repo; those are what the phone shows and signs. Nobody buries a phone: an asker can
be silenced, only a few questions wait at once, and beside that somebody counts how often one asks (``Admit``).
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from keychain import errors
from keychain import nonce as nonces
from keychain.repo import accounts, confirmations, devices, identities, phone_settings, signers, silenced, tokens, words
from keychain.repo.confirmations import PENDING, Confirmation
from keychain.repo.identities import Identity
from keychain.repo.signers import Signer
from keychain.store.engine import Session

LIFE = timedelta(seconds=120)
PENDING_OF_ASKER = 3
PENDING_OF_ACCOUNT = 10
OF_LATE = timedelta(minutes=10)  # as many as this within it, and another one wants a number
REPEATED = 2

PLAIN, WITH_PIN = LEVELS = ("OOB", "OOBPIN")

# Counts one more question, of its asker and account; raises TooManyConfirmations beyond what they may.
Admit = Callable[[Confirmation], None]


@dataclass(frozen=True)
class Wish:
    """What the person is to be asked. ``shows_number``: the asker has a screen for a number to type on the phone."""

    kind: str
    level: str
    title: str = field(repr=False)
    message: str = field(repr=False)
    nonce: str = field(repr=False)
    shows_number: bool


@dataclass(frozen=True)
class Visitor:
    """Where a question comes from, as the phone shows it."""

    address: str = field(repr=False)
    browser: str = field(repr=False)


@dataclass(frozen=True)
class AskingSite:
    """A site whose server asks; ``origin`` is what it is registered for, or empty."""

    api_id: str
    origin: str


@dataclass(frozen=True)
class Put:
    """What is asked, and whether that is news: the same question again is not."""

    confirmation: Confirmation
    is_news: bool


@dataclass(frozen=True)
class _Asker:
    key: str = field(repr=False)
    asked_by: str = field(repr=False)
    proved: bool
    audience: str | None


def ask(
    session: Session,
    signer: Signer,
    identity: tuple[str, str],
    wish: Wish,
    visitor: Visitor,
    *,
    admit: Admit,
    max_age: timedelta,
    now: datetime,
) -> Put:
    """Ask the person of an identity, named by uid and origin. The same question again is the same confirmation.

    Raises:
        MalformedWords: unless they can be shown and signed.
        MalformedNonce, NonceExpired, NonceFromTheFuture: as for a payload that is validated.
        IdentityRefused, OriginRefused, InteractionRequired: as for co-signing.
        NoPhone, AskerSilenced, NumberRequired, TooManyConfirmations: if the person is not to be asked, or not so.
    """
    words.check(wish.kind, wish.title, wish.message)
    until = _fresh_until(wish, now, max_age)
    found = _identity(session, signer, *identity, now)
    asker = _Asker(f"site:{found.uid}", signer.kid, True, None)
    asked = _question(found, asker, wish, visitor, now, min(now + LIFE, until))
    if (before := _check(session, asked, wish, now)).id != asked.id:
        return Put(before, is_news=False)
    admit(asked)
    with signers.acting(session, signer, now):
        _identity(session, signer, *identity, now)  # with nobody else acting: it may just have been forgotten
        final = _put(session, asked, wish, now)
    return Put(final, is_news=final.id == asked.id)


def ask_by_token(
    session: Session,
    site: AskingSite,
    token: object,
    wish: Wish,
    visitor: Visitor,
    *,
    admit: Admit,
    max_age: timedelta,
    now: datetime,
    until: datetime,
) -> Confirmation:
    """Ask the person whom a site's two_factor_token names; one question of a token waits at a time.

    Raises:
        MalformedWords, MalformedNonce, NonceExpired, NonceFromTheFuture, NoPhone, AskerSilenced,
            TooManyConfirmations: as ``ask``.
        TokenRefused: if nobody has this token (any more).
        ConfirmationPending: if its person is being asked.
    """
    words.check(wish.kind, wish.title, wish.message)
    until = min(until, _fresh_until(wish, now, max_age))
    identity = _named(session, token)
    proved = site.origin == identity.origin
    asker = _Asker(f"api:{site.api_id}" if proved else f"unproved:{identity.uid}", site.api_id, proved, site.api_id)
    asked = _question(identity, asker, wish, visitor, now, until)
    _check(session, asked, wish, now)
    admit(asked)
    with session.transaction():
        accounts.hold(session, asked.account)
        _named(session, token)  # with nobody else acting: it may just have been taken away
        return _put(session, asked, wish, now)


def _fresh_until(wish: Wish, now: datetime, max_age: timedelta) -> datetime:
    """Until when the nonce of a question can be signed: nobody is asked for longer than a yes is worth something."""
    nonce = nonces.parse(wish.nonce)
    nonces.check_freshness(nonce, now, max_age)
    return nonce.made_at + max_age


def _question(
    identity: Identity, asker: _Asker, wish: Wish, visitor: Visitor, now: datetime, until: datetime
) -> Confirmation:
    return Confirmation(
        id=confirmations.new_id(),
        account=identity.account,
        uid=identity.uid,
        kind=wish.kind,
        level=wish.level,
        asker=asker.key,
        asked_by=asker.asked_by,
        proved=asker.proved,
        audience=asker.audience,
        title=wish.title,
        message=wish.message,
        nonce=wish.nonce,
        number=None,
        tries=0,
        address=visitor.address,
        browser=visitor.browser,
        created_at=now,
        expires_at=until,
        state=PENDING,
        decided_by=None,
    )


def _put(session: Session, asked: Confirmation, wish: Wish, now: datetime) -> Confirmation:
    """Write a question down, inside a transaction that holds its account."""
    final = _check(session, asked, wish, now)
    if final.id == asked.id:
        confirmations.add(session, final)
        accounts.changed(session, final.account)
    return final


def _check(session: Session, asked: Confirmation, wish: Wish, now: datetime) -> Confirmation:
    """The question as it can be asked, with a number where one is wanted; or the same one that was asked before.

    It is checked before it is counted, because what is refused shall use up nobody's rate, and once more when nobody
    else can act.
    """
    by_server = asked.kind == words.SEND_2FA
    if not by_server and (before := confirmations.same(session, asked)):
        return before
    if not devices.living_phones(session, asked.account, now):
        raise errors.NoPhone
    if silenced.holds(session, asked.account, asked.asker):
        raise errors.AskerSilenced
    waiting = confirmations.pending(session, asked.account, now)
    if by_server and any((other.uid, other.kind) == (asked.uid, asked.kind) for other in waiting):
        raise errors.ConfirmationPending
    of_the_asker = [other for other in waiting if other.asker == asked.asker]
    if len(of_the_asker) >= PENDING_OF_ASKER or len(waiting) >= PENDING_OF_ACCOUNT:
        raise errors.TooManyConfirmations
    if by_server or not _wants_number(session, asked.account, now):
        return asked
    if not wish.shows_number:
        raise errors.NumberRequired
    return replace(asked, number=str(secrets.randbelow(90) + 10))


def _wants_number(session: Session, account: str, now: datetime) -> bool:
    """Whether the person has to type a number that only who sits at the asking screen can read."""
    numbers = phone_settings.of(session, account).numbers
    if numbers == phone_settings.AUTO:
        return confirmations.count_since(session, account, now - OF_LATE) >= REPEATED
    return numbers == phone_settings.ALWAYS


def _identity(session: Session, signer: Signer, uid: str, origin: str, now: datetime) -> Identity:
    found = identities.of(session, signer.account, uid)
    if found is None or not found.minted or (signer.frame is not None and signer.frame.uid != uid):
        raise errors.IdentityRefused
    if found.origin != origin:
        raise errors.OriginRefused
    signers.check_frame(signer, now)
    return found


def _named(session: Session, token: object) -> Identity:
    try:
        found = identities.by_token(session, tokens.digest(tokens.parse(token))) if isinstance(token, str) else None
    except ValueError as error:
        raise errors.TokenRefused from error
    if found is None or accounts.hold(session, found.account) is None:
        raise errors.TokenRefused
    return found
