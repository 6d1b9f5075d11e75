"""What the repo's doors share: one way in for every request.

The order is that of ``docs/repo.md``: whose page asks, the address's rate, the forms of body and proof, the proof's
freshness, its signature, whether the signer is alive, whether the proof is new, the signer's and the account's rate.
Then the deed. The members of a large body come last: they cost too much to be looked at for nobody knows whom.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flask import request
from marshmallow import Schema

from keychain import errors
from keychain.repo import tickets, words
from keychain.repo.asking import Visitor
from keychain.repo.confirmations import Confirmation
from keychain.repo.letters import Letter
from keychain.repo.masterkeys import MasterKeys
from keychain.repo.minting import Mint
from keychain.store.engine import Session
from keychain.web import bodies
from keychain.web.repo import schemas
from keychain.web.repo.asked import Asked as Asked
from keychain.web.service import Service
from keychain.web.waiting import WaitingRoom

BODY_BYTES = 16 * 1024
TICKET = "Ticket"
ADDRESS_LENGTH = 64
BROWSER_LENGTH = 200
# What a browser says of who asks (W3C Fetch Metadata): the service's own pages, or the person by hand.
OWN_PAGES = {"same-origin", "none"}


class Push(Protocol):
    """The port that wakes phones. What it brings decides nothing: who is woken asks and is told."""

    def wake(self, session: Session, account: str, confirmation: str = "") -> None:
        """Wake every phone of an account, after what it is to see was committed: a confirmation, or other news."""


class Mail(Protocol):
    """The port that mails. It keeps nothing of an address."""

    def check(self) -> None:
        """Pass where mail goes anywhere at all.

        Raises:
            MailUnavailable: otherwise.
        """

    def send(self, address: str, letter: Letter) -> None:
        """Mail a letter, which takes seconds.

        Raises:
            MailUnavailable, MalformedAddress: if it could not be mailed; nobody got it then.
        """


class AskingSites(Protocol):
    """The port to who knows sites."""

    @property
    def remote(self) -> bool:
        """Whether it asks another machine, and may take its time."""

    def origin_of(self, api_id: str, api_key: str) -> str:
        """The origin that the site is registered for, or an empty text.

        Raises:
            CredentialsRefused, Unavailable: if these credentials name no site, or nobody can say.
        """


@dataclass(frozen=True)
class Desk:
    """The open repo: the service, its master keys, the ports to a Keychain, to phones and to mail, and the room to wait
    in.
    """

    service: Service
    keys: MasterKeys
    mint: Mint
    push: Push
    room: WaitingRoom
    sites: AskingSites
    mail: Mail

    @property
    def origin(self) -> str:
        """What browsers call this service."""
        return self.service.settings.public_origin

    @contextmanager
    def asked(self, schema: Schema, limit: int = BODY_BYTES) -> Iterator[Asked]:
        """One request, its body of at most ``limit`` bytes read and of the form of ``schema``.

        Raises:
            OriginRefused, TooManyRequests, BodyTooLarge, MalformedBody, MalformedMember, SealedTooLarge: if it is not.
        """
        self.admit()
        raw = bodies.read(limit)
        members = schemas.load(schema, bodies.parse(raw))
        with self.service.store.session() as session:
            yield Asked(self, members, raw, session, self.service.clock())

    @contextmanager
    def asked_unread(self, limit: int) -> Iterator[Asked]:
        """One request with a large body, of at most ``limit`` bytes: ``Asked.read`` finds out what is in it, once it is
        known who sent it and that he may.

        Raises:
            OriginRefused, TooManyRequests, BodyTooLarge, MalformedBody: as ``asked``.
        """
        self.admit()
        raw = bodies.read(limit)
        with self.service.store.session() as session:
            yield Asked(self, {}, raw, session, self.service.clock())

    def admit(self) -> None:
        """Let a request in: not one that another site's page sends through its visitor's browser and address.

        Raises:
            OriginRefused: for such a one. It is not even counted, or it would use up the visitor's rate.
            TooManyRequests: beyond what the address may.
        """
        self.admit_own_page()
        self.admit_address(self.service.settings.repo_limit, "repo")

    def admit_own_page(self) -> None:
        """Let in what the service's own pages ask, or what no browser says of who asks.

        Raises:
            OriginRefused: for any other site's page.
        """
        if request.headers.get("Sec-Fetch-Site", "none") not in OWN_PAGES:
            raise errors.OriginRefused

    def admit_address(self, rate: str, what: str) -> None:
        """Count one more by the caller's address.

        Raises:
            TooManyRequests: beyond ``rate``.
        """
        if not self.service.rates.admit(rate, what, address=self.service.address(request.environ)):
            raise errors.TooManyRequests

    def ticket(self, now: datetime, *topics: str) -> tickets.Ticket:
        """The ticket that came with this request, for one of ``topics``.

        Raises:
            TicketRefused: if it is absent, no ticket of ours, for something else, or expired.
            TooManyRequests: if it comes more often than a ticket may.
        """
        return self.believe(request.headers.get(TICKET, ""), now, *topics)

    def believe(self, text: str, now: datetime, *topics: str) -> tickets.Ticket:
        """The ticket of a text; as ``ticket``."""
        found = tickets.parse(self.keys, text, now)
        if found.topic not in topics:
            raise errors.TicketRefused
        if not self.service.rates.admit(self.service.settings.poll_limit, "ticket", found.topic, found.id):
            raise errors.TooManyRequests
        return found

    def visitor(self) -> Visitor:
        """Where a request comes from, for a person to read: of what the browser calls itself printable ASCII alone, so
        that it hides nothing.
        """
        named = request.headers.get("User-Agent", "")
        browser = "".join(letter if " " <= letter <= "~" else " " for letter in named[:BROWSER_LENGTH])
        return Visitor(self.service.address(request.environ)[:ADDRESS_LENGTH], browser)

    def admit_signer(self, kid: str, account: str | None) -> None:
        """Count one more by this signer, and one by its account where there is one to count by.

        Raises:
            TooManyRequests: beyond what each of them may.
        """
        rates, settings = self.service.rates, self.service.settings
        within = rates.admit(settings.signer_limit, "signer", kid)
        if not (within and (account is None or rates.admit(settings.account_limit, "account", account))):
            raise errors.TooManyRequests

    def admit_renewal(self, account: str) -> None:
        """Count one more new secret for this account, also one that comes to nothing.

        Raises:
            TooManyRequests: beyond what it may.
        """
        if not self.service.rates.admit(self.service.settings.recovery_limit, "renewal", account):
            raise errors.TooManyRequests

    def admit_mail(self, account: str, recipient: str) -> None:
        """Count one more mail by this account, by the caller's address, and by who is to get it.

        Raises:
            TooManyRequests: beyond what each of them may.
        """
        rates, rate = self.service.rates, self.service.settings.mail_limit
        within = rates.admit(rate, "mail", "account", account)
        within = within and rates.admit(rate, "mail", address=self.service.address(request.environ))
        if not (within and rates.admit(rate, "mail", "recipient", recipient)):
            raise errors.TooManyRequests

    def admit_question(self, asked: Confirmation) -> None:
        """Count one more confirmation by its asker, and one of its account; but for a sign-in, which the person wants
        at that moment: what sites ask shall not use that up.

        Raises:
            TooManyConfirmations: beyond what each of them may.
        """
        rates, settings = self.service.rates, self.service.settings
        within = rates.admit(settings.confirmation_limit, "confirmation", asked.account, asked.asker)
        if within and asked.kind != words.SIGN_IN:
            within = rates.admit(settings.confirmations_limit, "confirmations", asked.account)
        if not within:
            raise errors.TooManyConfirmations
