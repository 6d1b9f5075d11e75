"""``/repo/control_keys/...``: what phones sign with, on the records of identities (``docs/repo.md``, control keys)."""

from flask import Blueprint, Response

from keychain.jose import base64url
from keychain.repo import control_keys, pinning
from keychain.repo.control_keys import Wanted
from keychain.web import answers
from keychain.web.repo import pairing_schemas, schemas
from keychain.web.repo.desk import Desk

_NEW_CONTROL_KEY = pairing_schemas.NewControlKey()
_ENDED_CONTROL_KEY = pairing_schemas.EndedControlKey()
_NOTHING = schemas.Nothing()


def door(desk: Desk) -> Blueprint:
    """The three doors."""
    blueprint = Blueprint("repo_control_keys", __name__)
    registrar = pinning.Registrar(desk.keys, desk.mint, desk.service.settings.max_age)

    @blueprint.route("/repo/control_keys/wanted", methods=["POST"])
    def wanted() -> Response:
        """What is to be put on record by this phone, and what is to be taken off by whoever can."""
        with desk.asked(_NOTHING) as asked:
            signer = asked.device()
            missing = control_keys.to_pin(asked.session, signer.account, signer.device) if signer.phone else []
            left = pinning.left_over(asked.session, signer, asked.now)
        members = {"pin": [_shown(one) for one in missing], "unpin": [_shown(one) for one in left]}
        return answers.render(answers.success(wanted=members))

    @blueprint.route("/repo/control_keys", methods=["POST"])
    def pin() -> Response:
        """A control key of this phone, on record."""
        with desk.asked(_NEW_CONTROL_KEY) as asked:
            signer, sent = asked.phone(), asked.members
            identity = pinning.identity_of(asked.session, signer, sent["uid"], asked.origin())
            signed = {"ad": sent["ad"], "cd": sent["cd"]}
            pinned = pinning.pin(asked.session, signer, identity, sent["key"], signed, registrar, asked.now)
        return answers.render(answers.success(control_key={"id": pinned.id, "pinned": True}))

    @blueprint.route("/repo/control_keys/end", methods=["POST"])
    def end() -> Response:
        """A control key of a phone that ended, or of this one, off the record."""
        with desk.asked(_ENDED_CONTROL_KEY) as asked:
            signer, sent = asked.device(), asked.members
            identity = pinning.identity_of(asked.session, signer, sent["uid"], asked.origin())
            signed = {"ad": sent["ad"]}
            pinning.end(asked.session, signer, identity, sent["control_key"], signed, registrar, asked.now)
        return answers.render(answers.success())

    return blueprint


def _shown(wanted: Wanted) -> dict[str, object]:
    members: dict[str, object] = {
        "uid": wanted.uid,
        "origin": wanted.origin,
        "ad_key": base64url.encode(wanted.ad_key.raw),
        "sealed": base64url.encode(wanted.sealed),
    }
    return members if wanted.control_key is None else members | {"control_key": wanted.control_key}
