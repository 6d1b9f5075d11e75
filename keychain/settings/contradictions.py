"""What is wrong with settings that are each well-formed, but do not go together."""

from collections.abc import Iterator
from ipaddress import ip_address

from keychain import origin as origins
from keychain.settings.table import Settings


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address ``host``."""
    return ip_address(host).is_loopback


def is_reached_by_others(settings: Settings) -> bool:
    """Whether not only this machine calls the service. An origin that others can call is served to them by a proxy."""
    return not (is_loopback(settings.host) and origins.parse(settings.public_origin).is_loopback)


def contradictions(settings: Settings) -> list[str]:
    """Every mistake, a line each."""
    of_all = (_of_the_server, _of_the_halves, _of_mail, _beyond_loopback)
    return [mistake for look in of_all for mistake in look(settings)]


def _of_the_server(settings: Settings) -> Iterator[str]:
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        yield "KEYCHAIN_TLS_CERTIFICATE and KEYCHAIN_TLS_KEY go together; only one of them is given"
    if settings.database_url and not settings.database_url.startswith("postgresql+psycopg://"):
        yield "KEYCHAIN_DATABASE_URL has to start with postgresql+psycopg://, or be empty for SQLite"
    if settings.metrics_port == settings.port:
        yield "KEYCHAIN_METRICS_PORT has to be another than KEYCHAIN_PORT: metrics are not for those who sign in"


def _of_the_halves(settings: Settings) -> Iterator[str]:
    """Two parties can run the two halves; then neither has what makes it the other."""
    minting = {
        "KEYCHAIN_MINT_URL": settings.mint_url,
        "KEYCHAIN_MINT_API_ID": settings.mint_api_id,
        "KEYCHAIN_MINT_API_KEY": settings.mint_api_key,
    }
    if settings.only == "validation" and settings.master_keys:
        yield "KEYCHAIN_MASTER_KEYS is the repo's; the validating half alone does not start with it"
    if settings.only == "repo":
        for name in (name for name, value in minting.items() if not value):
            yield f"{name} has to be said when the repo is served alone: it puts identities on record at a Keychain"
    else:
        for name in (name for name, value in minting.items() if value):
            yield f"{name} belongs to a repo that is served alone (KEYCHAIN_ONLY=repo)"


def _of_mail(settings: Settings) -> Iterator[str]:
    """Either there is a mail server, and all that it needs, or none of it."""
    named = {
        "KEYCHAIN_SMTP_PORT": settings.smtp_port,
        "KEYCHAIN_SMTP_USERNAME": settings.smtp_username,
        "KEYCHAIN_SMTP_PASSWORD": settings.smtp_password,
        "KEYCHAIN_MAIL_FROM": settings.mail_from,
    }
    if settings.only == "validation":
        for name in (name for name, value in {"KEYCHAIN_SMTP_HOST": settings.smtp_host, **named}.items() if value):
            yield f"{name} is the repo's; the validating half alone sends no mail"
        return
    if not settings.smtp_host:
        for name in (name for name, value in named.items() if value):
            yield f"{name} says nothing without KEYCHAIN_SMTP_HOST"
        return
    if not settings.mail_from:
        yield "KEYCHAIN_MAIL_FROM has to be said where there is a mail server: mail comes from somebody"
    if bool(settings.smtp_username) != bool(settings.smtp_password):
        yield "KEYCHAIN_SMTP_USERNAME and KEYCHAIN_SMTP_PASSWORD go together; only one of them is given"
    if settings.smtp_tls == "none" and settings.smtp_password and not _is_this_machine(settings.smtp_host):
        yield "KEYCHAIN_SMTP_TLS is none: the password would go to another machine in clear; choose starttls or tls"


def _is_this_machine(host: str) -> bool:
    try:
        return is_loopback(host)
    except ValueError:
        return host == "localhost"


def _beyond_loopback(settings: Settings) -> Iterator[str]:
    """What others depend on is said, not guessed."""
    if not is_reached_by_others(settings):
        return
    if settings.serves_validation and settings.unknown_uid is None:
        yield (
            "KEYCHAIN_UNKNOWN_UID has to be said when serving beyond loopback:"
            " pin (a uid's first valid payload puts its keys on record) or refuse"
        )
    needed = {"KEYCHAIN_ORIGIN": settings.origin, "KEYCHAIN_MASTER_KEYS": settings.master_keys}
    if settings.serves_repo:
        for name in (name for name, value in needed.items() if not value):
            yield (
                f"{name} has to be said when the repo is served beyond loopback;"
                " KEYCHAIN_ONLY=validation serves the Keychain alone, as before there was a repo"
            )
