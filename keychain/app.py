"""``create_app``: the one place that wires things together."""

import ssl
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from functools import partial

from flask import Blueprint, Flask
from werkzeug.routing import Rule

from keychain import asker_port, mail_port, mint_port
from keychain.jose.jwk import PublicKey
from keychain.push_port import Pushes
from keychain.repo import confirmations as asked
from keychain.repo import masterkeys
from keychain.repo.masterkeys import MasterKeys
from keychain.repo.minting import Mint
from keychain.settings import Settings, SettingsError
from keychain.store.engine import Store, open_store
from keychain.validation.question import Caller, Policy
from keychain.web import health, make_nonce, pages, problems, register, validate
from keychain.web.express import Express, Way
from keychain.web.front import Front
from keychain.web.meters import Meters
from keychain.web.permits import Permits
from keychain.web.rates import Rates
from keychain.web.repo import (
    about,
    accounts,
    activity,
    cards,
    confirmations,
    control_keys,
    decisions,
    devices,
    emails,
    identities,
    mailbox,
    pairings,
    phone,
    poll,
    pushing,
    recovery,
    releases,
    renewal,
    send_2fa,
    sessions,
)
from keychain.web.repo.desk import AskingSites, Desk
from keychain.web.service import Clock, Service
from keychain.web.waiting import SECONDS, WaitingRoom


def utc_now() -> datetime:
    """The machine's clock, aware and in UTC."""
    return datetime.now(UTC)


def create_app(
    settings: Settings, *, clock: Clock = utc_now, store: Store | None = None, patience: float = SECONDS
) -> Flask:
    """The service as a Flask application, on a database whose tables are up to date.

    ``clock`` is a port: what it answers is the time for every rule. A ``store`` that is given stays the caller's.
    ``patience`` is how many seconds a site's server waits for a person's answer.

    Raises:
        SettingsError: for what ``mistakes`` finds.
        UnusableStore: if the repo's master keys are not those that the database was used with.
    """
    if found := mistakes(settings):
        raise SettingsError(found)
    store = store or open_store(settings)
    rates = Rates(settings.limits_storage)
    keys = master_keys(settings, store) if settings.serves_repo else None
    policy = _policy(settings, rates, keys)
    threads = settings.threads_used
    service = Service(settings, store, rates, policy, clock, Permits(threads), Permits(max(1, threads // 2)))

    app = _Application("keychain", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.extensions["keychain"] = service
    problems.install(app)
    desk = _desk(service, keys, patience) if keys else None
    for opened in _doors(service, desk):
        app.register_blueprint(opened)
    ways = _ways(service, desk)
    rules = {rule.rule for rule in app.url_map.iter_rules() if "<" not in rule.rule}
    doors = frozenset(rules | {path for _, path in ways})
    meters = _meters(service, desk, doors) if settings.metrics_port else None
    app.extensions["keychain.meters"] = meters
    express = Express(app.wsgi_app, meters.watching(ways) if meters else ways, service.permits)
    app.wsgi_app = Front(express, doors, meters.tally if meters else None)  # type: ignore[method-assign]
    return app


def _meters(service: Service, desk: Desk | None, doors: frozenset[str]) -> Meters:
    gauges = {"connections": service.store.connections}
    return Meters(doors, gauges | {"waiting": desk.room.taken} if desk else gauges)


def _ways(service: Service, desk: Desk | None) -> dict[tuple[str, str], Way]:
    """The express ways of the halves that are served."""
    asking = validate.ways(service) if service.settings.serves_validation else {}
    open_pages = {("GET", poll.PATH): poll.way(desk)} if desk else {}
    return asking | open_pages | health.ways(service, desk.keys if desk else None)


def _doors(service: Service, desk: Desk | None) -> Iterator[Blueprint]:
    """The doors of the halves that are served."""
    if service.settings.serves_validation:
        for asking in (register, make_nonce):
            yield asking.door(service)
    if desk:
        for keeping in (about, accounts, recovery, devices, identities, sessions):
            yield keeping.door(desk)
        for holding in (cards, releases, activity, renewal, emails):
            yield holding.door(desk)
        for connecting in (pairings, control_keys, poll, phone, pushing, confirmations, decisions, send_2fa):
            yield connecting.door(desk)
        if isinstance(desk.mail, mail_port.Mailbox):
            yield mailbox.door(service, desk.mail.mails)
    yield pages.door(service)


def master_keys(settings: Settings, store: Store) -> MasterKeys:
    """The repo's master keys: those of the settings, or else the one that the data directory keeps, made at first.

    Every process asks this, also one that starts later than the others: it must not sign with other keys than they.
    """
    with store.session() as session:
        return masterkeys.settle(session, settings.master_keys, settings.data_dir / masterkeys.FILE)


def _desk(service: Service, keys: MasterKeys, patience: float) -> Desk:
    pushes = Pushes(service.settings, service.store, keys, service.clock)
    room = WaitingRoom(partial(_answered, service.store), service.settings.waiting, patience)
    mail = mail_port.of(service.settings, service.clock)
    return Desk(service, keys, _mint(service), pushes, room, _sites(service), mail)


def _answered(store: Store, ids: Collection[str]) -> list[str]:
    with store.session() as session:
        return asked.decided(session, ids)


def _sites(service: Service) -> AskingSites:
    if service.settings.serves_validation:
        return asker_port.in_this_process(service.store)
    return asker_port.over_http(asker_port.client_for(), service.settings.mint_url)


def _mint(service: Service) -> Mint:
    settings = service.settings
    if settings.serves_validation:
        return mint_port.in_this_process(service.policy)
    return mint_port.over_http(mint_port.client_for(settings.mint_api_id, settings.mint_api_key), settings.mint_url)


class _ExactRule(Rule):
    """Answers the methods that were named and no other.

    Flask adds OPTIONS by itself, with an empty 200 that two surviving clients would take for a success, and HEAD, which
    would register a site that nobody learns the key of.
    """

    def __init__(self, rule: str, **options: object) -> None:
        named = set(options.get("methods") or ())  # type: ignore[call-overload]
        super().__init__(rule, **options)  # type: ignore[arg-type]
        self.methods = named


class _Application(Flask):
    url_rule_class = _ExactRule  # type: ignore[assignment] # mypy takes the attribute for the base constructor


def _policy(settings: Settings, rates: Rates, keys: MasterKeys | None) -> Policy:
    def admit(caller: Caller) -> bool:
        return rates.admit(settings.first_use_limit, "first_use", caller.site.api_id, address=caller.address)

    return Policy(
        max_age=settings.max_age,
        pin_unknown=settings.pins_unknown_uids,
        claims_keys=(*(keys.public_claims_keys if keys else ()), *_claims_keys(settings.claims_public_key)),
        admit_first_use=admit,
    )


def mistakes(settings: Settings) -> list[str]:
    """What is wrong with settings that are well-formed: keys and certificates that can not be used."""
    found = []
    try:
        _claims_keys(settings.claims_public_key)
    except ValueError:
        found.append(
            "KEYCHAIN_CLAIMS_PUBLIC_KEY has to be the base64 of a P-256 point X||Y; several are separated by commas"
        )
    if settings.tls_certificate:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_certificate, settings.tls_key)
        except OSError as error:  # ssl.SSLError is one
            reason = error.strerror or "they are not a certificate and its key"
            found.append(f"KEYCHAIN_TLS_CERTIFICATE and KEYCHAIN_TLS_KEY can not be used: {reason}")
    return found


def _claims_keys(text: str) -> tuple[PublicKey, ...]:
    return tuple(PublicKey.parse(part.strip()) for part in text.split(",")) if text else ()
