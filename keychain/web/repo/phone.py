"""``/repo/phone/...``: what a person sets on a phone (``docs/repo.md``, Phones)."""

from flask import Blueprint, Response

from keychain.jose import base64url
from keychain.repo import devices, phone_pins, phone_settings, phones, push_subscriptions, silenced
from keychain.repo.phone_settings import PhoneSettings
from keychain.repo.push_subscriptions import UNCOMPRESSED
from keychain.repo.signers import Signer
from keychain.web import answers
from keychain.web.repo import confirmation_schemas as schemas
from keychain.web.repo.desk import Asked, Desk
from keychain.web.repo.devices import time
from keychain.web.repo.schemas import Nothing

_SETTINGS = schemas.NewPhoneSettings()
_PIN = schemas.NewPin()
_ASKER = schemas.NamedAsker()
_NOTHING = Nothing()


def door(desk: Desk) -> Blueprint:
    """The four doors, all for phones."""
    blueprint = Blueprint("repo_phone", __name__)

    @blueprint.route("/repo/phone", methods=["POST"])
    def phone() -> Response:
        """All that a phone shows of itself and its account."""
        with desk.asked(_NOTHING) as asked:
            members = _shown(desk, asked, asked.phone())
        return answers.render(answers.success(phone=members))

    @blueprint.route("/repo/phone/settings", methods=["POST"])
    def settings() -> Response:
        """When the account's phones are asked, and when a number has to be typed."""
        with desk.asked(_SETTINGS) as asked:
            phones.set_settings(asked.session, asked.phone(), PhoneSettings(**asked.members), asked.now)
        return answers.render(answers.success())

    @blueprint.route("/repo/phone/pin", methods=["POST"])
    def pin() -> Response:
        """The phone's PIN, mixed with a key that it keeps."""
        with desk.asked(_PIN) as asked:
            phones.set_pin(asked.session, asked.phone(), **asked.members, now=asked.now)
        return answers.render(answers.success())

    @blueprint.route("/repo/phone/unsilence", methods=["POST"])
    def unsilence() -> Response:
        """Hear of an asker again."""
        with desk.asked(_ASKER) as asked:
            phones.unsilence(asked.session, asked.phone(), asked.members["id"], asked.now)
        return answers.render(answers.success())

    return blueprint


def _shown(desk: Desk, asked: Asked, phone: Signer) -> dict[str, object]:
    session, account = asked.session, phone.account
    return {
        "settings": vars(phone_settings.of(session, account)),
        "pin": vars(phone_pins.standing(session, phone.device)),
        "push": push_subscriptions.exists(session, phone.device),
        "vapid_key": base64url.encode(UNCOMPRESSED + desk.keys.vapid_key(desk.keys.oldest).public.raw),
        "silenced": [
            {"id": gone.asker, "name": gone.name, "since": time(gone.since)} for gone in silenced.of(session, account)
        ],
        "phones": [
            {
                "id": device.id,
                "name": device.name,
                "ends": time(ends) if (ends := device.ends(asked.now)) else None,
                "current": device.id == phone.device,
            }
            for device in devices.living_phones(session, account, asked.now)
        ],
    }
