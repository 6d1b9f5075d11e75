"""The port to a mail server: what sends the letters that prove an address, in its three shapes.

Over SMTP (RFC 5321) where the settings name a server; into a mailbox of this process in development; nowhere else. A
request that sends holds no permit and no database connection meanwhile, each step of the conversation ends after some
seconds, and only a few go on at once: a mail server that is dead costs its own mails alone.

The recipient's address is in the message while it is sent, and in nothing that stays: not in a log line, nor in an
error. What ``smtplib`` raises quotes it, so none of that is chained.
"""

import smtplib
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

import structlog

from keychain import errors, mail_address
from keychain.repo.letters import Letter
from keychain.settings import Settings, is_reached_by_others

TIMEOUT = 8  # seconds, for each step
AT_ONCE = 10
SHOWN = 50
SENDER = "OneID"

_PERMANENT = range(500, 600)

_log = structlog.get_logger("keychain")


class _NotSent(Exception):
    """Why, in words that quote nothing. ``status``: what the server answered, if it did."""

    def __init__(self, why: str, status: int = 0, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.status = status
        self.for_good = for_good


class Smtp:
    """Sends through a mail server, ``AT_ONCE`` at most at once."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._settings, self._clock = settings, clock
        self._free = threading.BoundedSemaphore(AT_ONCE)

    def send(self, address: str, letter: Letter) -> None:
        """Hand a letter to the mail server.

        Raises:
            MailUnavailable: if it does not take it, or too many are on their way.
            MalformedAddress: if it says that there is no such mailbox.
        """
        if not self._free.acquire(blocking=False):
            raise errors.MailUnavailable
        try:
            self._hand_over(address, letter)
        except _NotSent as trouble:
            _log.warning("mail not sent", why=str(trouble), status=trouble.status)
            refusal = errors.MalformedAddress if trouble.for_good else errors.MailUnavailable
            raise refusal from None
        finally:
            self._free.release()

    def check(self) -> None:
        """Pass: whether the server takes mail, only sending tells."""

    def _hand_over(self, address: str, letter: Letter) -> None:
        with _in_own_words():
            message = compose(self._settings.mail_from, address, letter, self._clock())
            with self._connected() as server:
                server.send_message(message, self._settings.mail_from, [address])

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        settings = self._settings
        trust = ssl.create_default_context()
        host, port = settings.smtp_host, settings.smtp_port_used
        # What the server is greeted with would otherwise be this machine's name, which nobody needs to know.
        own = mail_address.domain(settings.mail_from)
        server: smtplib.SMTP
        if settings.smtp_tls == "tls":
            server = smtplib.SMTP_SSL(host, port, own, timeout=TIMEOUT, context=trust)
        else:
            server = smtplib.SMTP(host, port, own, timeout=TIMEOUT)
        try:
            if settings.smtp_tls == "starttls":
                server.starttls(context=trust)
            if settings.smtp_username:
                server.login(settings.smtp_username, settings.smtp_password)
            yield server
            with suppress(smtplib.SMTPException, OSError):  # it has the mail; how it says goodbye is no matter
                server.quit()
        finally:
            server.close()


@contextmanager
def _in_own_words() -> Iterator[None]:
    """Whatever goes wrong between us and the mail server, and what the message's own package says of an address."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        [(status, _)] = error.recipients.values()
        raise _NotSent(type(error).__name__, status, for_good=status in _PERMANENT) from None
    except smtplib.SMTPResponseException as error:
        raise _NotSent(type(error).__name__, error.smtp_code) from None
    except (smtplib.SMTPException, MessageError, OSError, ValueError, LookupError) as error:
        # ValueError also for an answer that is no SMTP at all.
        raise _NotSent(type(error).__name__) from None


@dataclass(frozen=True)
class Mail:
    """A letter that a mailbox got. Whom it is for, it does not tell."""

    letter: Letter = field(repr=False)
    at: datetime


class Mailbox:
    """In development: what would have been mailed, kept in this process, the newest first; and in the log."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._mails: deque[Mail] = deque(maxlen=SHOWN)

    def send(self, address: str, letter: Letter) -> None:  # noqa: ARG002 - whose it is, nobody needs to know here
        """Keep a letter, and log what it is for."""
        self._mails.appendleft(Mail(letter, self._clock()))
        _log.info("mail", code=letter.code, link=letter.confirm_url)

    def check(self) -> None:
        """Pass."""

    def mails(self) -> list[Mail]:
        """What came, the newest first."""
        return list(self._mails)


class Nowhere:
    """Nobody said where mail goes."""

    def send(self, address: str, letter: Letter) -> None:  # noqa: ARG002 - the port's shape
        """Refuse."""
        self.check()

    def check(self) -> None:
        """Refuse.

        Raises:
            MailUnavailable: always.
        """
        raise errors.MailUnavailable


def of(settings: Settings, clock: Callable[[], datetime]) -> Smtp | Mailbox | Nowhere:
    """The port that the settings name."""
    if settings.smtp_host:
        return Smtp(settings, clock)
    return Nowhere() if is_reached_by_others(settings) else Mailbox(clock)


def compose(sender: str, address: str, letter: Letter, now: datetime) -> EmailMessage:
    """The message. Both addresses are of the form of ``mail_address``, so no header can be put into one."""
    message = EmailMessage(policy=SMTP)
    message["From"] = f"{SENDER} <{sender}>"
    message["To"] = address
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=mail_address.domain(sender))
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence shall answer
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = letter.language  # after the content, which takes its headers' place
    return message
