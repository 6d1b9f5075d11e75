"""The table of settings: each field with the form of its text, its default and its meaning."""

from collections.abc import Callable
from dataclasses import Field, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from keychain import origin as origins
from keychain.settings import forms
from keychain.settings.forms import Network

PREFIX = "KEYCHAIN_"

UnknownUid = Literal["pin", "refuse"]
Half = Literal["", "validation", "repo"]
MailTls = Literal["starttls", "tls", "none"]


def _setting(parse: Callable[[str], Any], default: object, meaning: str, *, secret: bool = False) -> Any:  # noqa: ANN401 - a field is typed where it stands
    return field(default=default, metadata={"parse": parse, "help": meaning, "secret": secret}, repr=not secret)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What one process runs with. Build it with ``read``; tests may build it directly."""

    data_dir: Path = _setting(
        forms.path,
        Path("data"),
        "Directory of the SQLite database, the try-out credentials and a home-made master key; mode 0700.",
    )
    database_url: str = _setting(
        forms.text,
        "",
        "A postgresql+psycopg:// URL for PostgreSQL; empty: SQLite in the data directory.",
        secret=True,
    )
    host: str = _setting(forms.address, "127.0.0.1", "IP address to listen on.")
    port: int = _setting(forms.whole(1, 65535), 8000, "Port to listen on.")
    origin: str = _setting(
        forms.origin,
        "",
        "What browsers call this service, such as https://id.example.org. On loopback the default is"
        " http://id.localhost and the port.",
    )
    only: Half = _setting(
        forms.one_of("", "validation", "repo"), "", "Serve one half alone: validation or repo. Empty: both."
    )
    workers: int = _setting(forms.whole(1, 64), 1, "Worker processes.")
    threads: int | None = _setting(
        forms.whole(1, 64),
        None,
        "Requests that each worker works on at once. Default: 1 with SQLite, 4 with a database server, or"
        " where identities are put on record at another machine.",
    )
    metrics_port: int | None = _setting(
        forms.whole(1, 65535), None, "Port where Prometheus reads the metrics. Without it there are none."
    )
    metrics_host: str = _setting(forms.address, "127.0.0.1", "IP address of that port.")
    tls_certificate: Path | None = _setting(
        forms.path, None, "PEM file of the certificate chain; with the key, serves HTTPS."
    )
    tls_key: Path | None = _setting(forms.path, None, "PEM file of the certificate's private key, mode 0600.")
    trusted_proxies: tuple[Network, ...] = _setting(
        forms.networks, (), "Networks whose X-Forwarded-For is believed, separated by commas."
    )
    unknown_uid: UnknownUid | None = _setting(
        forms.one_of("pin", "refuse"),
        None,
        "A uid that nobody has seen: pin its keys at its first valid payload, or refuse it. On loopback the default is"
        " pin; any other address wants it said.",
    )
    master_keys: tuple[forms.MasterKey, ...] = _setting(
        forms.master_keys,
        (),
        "The repo's secrets: VERSION:BASE64 of 32 random bytes, separated by commas, the newest last. On loopback the"
        " default is one that the service makes and keeps in the data directory.",
        secret=True,
    )
    mint_url: str = _setting(
        forms.service_url, "", "Where a repo that is served alone puts new identities on record: the Keychain's URL."
    )
    mint_api_id: str = _setting(forms.text, "", "The API ID that the repo has there; it may pin.")
    mint_api_key: str = _setting(forms.text, "", "The API key that the repo has there.", secret=True)
    optout_window: int = _setting(
        forms.whole(0, 86400), 600, "Seconds for which a new account that was not opened yet can be taken back."
    )
    nonce_max_age: int = _setting(forms.whole(1, 3600), 300, "Seconds for which a nonce is fresh.")
    register_limit: str = _setting(forms.rate, "120/minute", "Registrations per address.")
    first_use_limit: str = _setting(forms.rate, "600/minute", "First uses of a uid per API ID and address.")
    sign_up_limit: str = _setting(forms.rate, "20/minute;500/day", "New accounts per address.")
    recovery_limit: str = _setting(
        forms.rate, "30/minute;500/day", "OneID Keys tried or made, per address; new secrets, per account."
    )
    signer_limit: str = _setting(forms.rate, "120/minute", "Requests per device or frame session.")
    account_limit: str = _setting(forms.rate, "600/minute", "Requests per account.")
    repo_limit: str = _setting(forms.rate, "3000/minute", "Requests to the repo per address.")
    pairing_limit: str = _setting(
        forms.rate, "60/minute;500/day", "Connections of new devices begun or tried, per address."
    )
    confirmation_limit: str = _setting(
        forms.rate, "10/minute;100/day", "Confirmations that one asker may ask one account for."
    )
    confirmations_limit: str = _setting(
        forms.rate, "30/minute;300/day", "Confirmations that one account may be asked for by all, sign-ins apart."
    )
    poll_limit: str = _setting(forms.rate, "240/minute", "How often one ticket may ask whether something changed.")
    waiting: int = _setting(
        forms.whole(1, 2000), 200, "Requests of each worker that may wait for a person to answer on the phone."
    )
    push_services: tuple[str, ...] = _setting(
        forms.hosts,
        (),
        "Push services to send to besides the four of the browsers: HOST or HOST:PORT, separated by commas.",
    )
    push_contact: str = _setting(
        forms.contact, "", "Whom a push service may write to: mailto: or https:. Default: the service's origin."
    )
    smtp_host: str = _setting(
        forms.host,
        "",
        "The mail server that takes the service's mail. Empty: on loopback, mail is shown at /mailbox; else none is"
        " sent, and nobody can prove an address.",
    )
    smtp_port: int | None = _setting(forms.whole(1, 65535), None, "Its port. Default: 587; with tls 465, with none 25.")
    smtp_tls: MailTls = _setting(
        forms.one_of("starttls", "tls", "none"),
        "starttls",
        "How mail is protected on its way there: starttls, tls from the first byte, or none.",
    )
    smtp_username: str = _setting(forms.text, "", "The user name that the mail server wants.")
    smtp_password: str = _setting(forms.text, "", "The password that the mail server wants.", secret=True)
    mail_from: str = _setting(forms.sender, "", "The address that the service's mail comes from.")
    mail_limit: str = _setting(
        forms.rate, "5/hour;20/day", "Mails that one account, one address of a caller, and one recipient may cause."
    )
    limits_storage: str = _setting(
        forms.storage,
        "memory://",
        "Where rates are counted: memory:// (each worker for itself) or a shared store's URL.",
        secret=True,
    )
    claims_public_key: str = _setting(
        forms.text,
        "",
        "Public halves of another party's claims keys: base64 of their 64 bytes X||Y, separated by commas. The own"
        " repo's are known without it.",
    )
    log_level: str = _setting(forms.one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO", "Least level that is logged.")

    @property
    def sqlite_path(self) -> Path | None:
        """The embedded database's file; ``None`` with a database server."""
        return None if self.database_url else self.data_dir / "keychain.db"

    @property
    def threads_used(self) -> int:
        """How many requests a worker works on at once, said or not.

        Threads take turns at Python's lock, so more of them cost more where there is nobody to wait for: an embedded
        database answers at once.
        """
        return self.threads or (4 if self.database_url or self.mint_url else 1)

    @property
    def smtp_port_used(self) -> int:
        """The mail server's port, said or not."""
        return self.smtp_port or {"starttls": 587, "tls": 465, "none": 25}[self.smtp_tls]

    @property
    def max_age(self) -> timedelta:
        """For how long a nonce is fresh."""
        return timedelta(seconds=self.nonce_max_age)

    @property
    def pins_unknown_uids(self) -> bool:
        """Whether first use puts a uid on record. ``read`` has seen to it that this was decided."""
        return (self.unknown_uid or "pin") == "pin"

    @property
    def serves_repo(self) -> bool:
        """Whether the repo's half is served."""
        return self.only != "validation"

    @property
    def serves_validation(self) -> bool:
        """Whether the Keychain's half is served."""
        return self.only != "repo"

    @property
    def public_origin(self) -> str:
        """What browsers call this service; ``read`` has seen to it that it is known."""
        return self.origin or origins.write("https" if self.tls_certificate else "http", "id.localhost", self.port)


def variable(setting: "Field[Any]") -> str:
    """The name of the environment variable of a field of ``Settings``."""
    return PREFIX + setting.name.upper()
