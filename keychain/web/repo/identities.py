"""``/repo/identities``: a person's users at sites (``docs/repo.md``, Identities)."""

from datetime import datetime

from flask import Blueprint, Response

from keychain.jose import base64url
from keychain.repo import devices, forgetting, frame_sessions, identities, minting
from keychain.repo.identities import Identity
from keychain.repo.minting import Wish
from keychain.web import answers
from keychain.web.repo import schemas, vault_schemas
from keychain.web.repo.desk import Desk
from keychain.web.repo.devices import time

_AT_ORIGIN = schemas.AtOrigin()
_NEW_IDENTITY = schemas.NewIdentity()
_IDENTITY_AT_ORIGIN = vault_schemas.IdentityAtOrigin()
_NOTHING = schemas.Nothing()


def door(desk: Desk) -> Blueprint:
    """The four doors."""
    blueprint = Blueprint("repo_identities", __name__)
    _for_all_sites(blueprint, desk)

    @blueprint.route("/repo/identities/find", methods=["POST"])
    def find() -> Response:
        """The account's identity at an origin, or null; and the phones that could confirm a sign-in there."""
        with desk.asked(_AT_ORIGIN) as asked:
            signer = asked.device()
            found = identities.at(asked.session, signer.account, asked.origin())
            phones = devices.living_phones(asked.session, signer.account, asked.now)
        shown = [_named(phone, asked.now) for phone in phones]
        return answers.render(answers.success(identity=_shown(found) if found else None, phones=shown))

    @blueprint.route("/repo/identities", methods=["POST"])
    def mint() -> Response:
        """Make it, and put it on record at the Keychain; or say what is there already."""
        with desk.asked(_NEW_IDENTITY) as asked:
            signer, sent = asked.device(), asked.members
            wish = Wish(asked.origin(), sent["ad_key"], sent["sealed"], sent["ad"])
            max_age = desk.service.settings.max_age
            made = minting.mint(
                asked.session, signer, wish, keys=desk.keys, mint=desk.mint, max_age=max_age, now=asked.now
            )
        return answers.render(answers.success(identity=_shown(made)))

    return blueprint


def _for_all_sites(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.route("/repo/identities/list", methods=["POST"])
    def list_identities() -> Response:
        """Every identity of the account, and whether some frame signs in there without asking."""
        with desk.asked(_NOTHING) as asked:
            account = asked.device().account
            found = identities.all_of(asked.session, account)
            silent = frame_sessions.silent_at(asked.session, account, devices.alive(asked.now), asked.now)
        shown = [_shown(one) | _site(one) | {"silent": one.uid in silent} for one in found]
        return answers.render(answers.success(identities=shown))

    @blueprint.route("/repo/identities/forget", methods=["POST"])
    def forget() -> Response:
        """Forget a site, and everything that refers to the identity there."""
        with desk.asked(_IDENTITY_AT_ORIGIN) as asked:
            signer, uid = asked.device(), asked.members["uid"]
            forgetting.forget(asked.session, signer, uid, asked.origin(), asked.now)
        return answers.render(answers.success())


def _shown(identity: Identity) -> dict[str, object]:
    return {
        "uid": identity.uid,
        "ad_key": base64url.encode(identity.ad_key.raw),
        "sealed": base64url.encode(identity.sealed),
        "minted": identity.minted,
    }


def _site(identity: Identity) -> dict[str, object]:
    return {"origin": identity.origin, "created": time(identity.created_at)}


def _named(phone: devices.Device, now: datetime) -> dict[str, object]:
    ends = phone.ends(now)
    return {"id": phone.id, "name": phone.name, "ends": time(ends) if ends else None}
