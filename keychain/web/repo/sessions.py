"""``/repo/sessions...`` and ``/repo/cosign``: what a site's frame signs in with (``docs/repo.md``, Frame sessions)."""

from flask import Blueprint, Response

from keychain.jose import base64url
from keychain.repo import admitting, cosigning, forgetting
from keychain.web import answers
from keychain.web.repo import schemas, vault_schemas
from keychain.web.repo.desk import Desk
from keychain.web.repo.devices import time

_NEW_FRAME_SESSION = schemas.NewFrameSession()
_NAMED_IDENTITY = vault_schemas.NamedIdentity()
_NONCE_TO_SIGN = schemas.NonceToSign()


def door(desk: Desk) -> Blueprint:
    """The three doors."""
    blueprint = Blueprint("repo_sessions", __name__)
    _for_signing(blueprint, desk)

    @blueprint.route("/repo/sessions", methods=["POST"])
    def admit() -> Response:
        """A session for a frame, made by a device in whose window the person agreed."""
        with desk.asked(_NEW_FRAME_SESSION) as asked:
            signer, sent = asked.device(), asked.members
            made = admitting.admit(
                asked.session, signer, sent["uid"], asked.origin(), sent["key"], sent["silent"], asked.now
            )
        return answers.render(answers.success(session={"id": made.id, "expires": time(made.expires)}))

    @blueprint.route("/repo/sessions/end", methods=["POST"])
    def ask_each_time() -> Response:
        """End every frame session of an identity."""
        with desk.asked(_NAMED_IDENTITY) as asked:
            forgetting.ask_each_time(asked.session, asked.device(in_need=True), asked.members["uid"], asked.now)
        return answers.render(answers.success())

    return blueprint


def _for_signing(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.route("/repo/cosign", methods=["POST"])
    def cosign() -> Response:
        """The repo's signature under a nonce. The device's own signature never comes here."""
        with desk.asked(_NONCE_TO_SIGN) as asked:
            signer, sent = asked.device_or_frame(), asked.members
            signed = cosigning.cosign(
                asked.session,
                signer,
                sent["uid"],
                asked.origin(),
                sent["nonce"],
                keys=desk.keys,
                max_age=desk.service.settings.max_age,
                now=asked.now,
            )
        members = {
            "uid": signed.uid,
            "key": base64url.encode(signed.key.raw),
            "nonce": signed.nonce,
            "two_factor_token": signed.two_factor_token,
            "phone": signed.phone,
        }
        return answers.render(answers.success(signed=members))
