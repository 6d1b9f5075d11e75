"""``/repo/devices/...``, ``/repo/signout``, ``/repo/unlock``: browsers and phones of an account (``docs/repo.md``)."""

from datetime import UTC, datetime
from functools import partial

from flask import Blueprint, Response

from keychain.repo import devices, joining, leaving, revoking
from keychain.repo.signers import Signer
from keychain.web import answers
from keychain.web.repo import pairing_schemas, schemas
from keychain.web.repo.accounts import account
from keychain.web.repo.desk import Desk

_NAMED_DEVICE = schemas.NamedDevice()
_ADMITTED_DEVICE = pairing_schemas.AdmittedDevice()
_NOTHING = schemas.Nothing()


def door(desk: Desk) -> Blueprint:
    """The six doors. A device that is signed out may use all but those that change what phones there are."""
    blueprint = Blueprint("repo_devices", __name__)
    _for_devices_of_an_account(blueprint, desk)
    _for_the_asking_device(blueprint, desk)
    return blueprint


def _for_devices_of_an_account(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.route("/repo/devices/list", methods=["POST"])
    def list_devices() -> Response:
        """Every device that the account ever had, oldest first."""
        with desk.asked(_NOTHING) as asked:
            signer = asked.device(while_locked=True, in_need=True)
            found = devices.of(asked.session, signer.account)
        return answers.render(answers.success(devices=[_listed(device, signer, asked.now) for device in found]))

    @blueprint.route("/repo/devices/revoke", methods=["POST"])
    def revoke() -> Response:
        """End a device, perhaps the asking one, and all its frame sessions; or a phone, in a day."""
        with desk.asked(_NAMED_DEVICE) as asked:
            named = asked.members["device"]
            repeated = partial(revoking.ended_itself, device=named)
            signer = asked.device(while_locked=True, excuse=repeated, in_need=True)
            ending = revoking.revoke(asked.session, signer, named, asked.now)
            if ending.is_news:
                desk.push.wake(asked.session, signer.account)
        ends = time(ending.ends) if ending.ends else None
        return answers.render(answers.success(device={"id": named, "ends": ends}))

    @blueprint.route("/repo/devices/admit", methods=["POST"])
    def admit() -> Response:
        """Let a device in that was paired with this one."""
        with desk.asked(_ADMITTED_DEVICE) as asked:
            signer, sent = asked.device(), asked.members
            joined = joining.admit(asked.session, signer, **sent["device"], phone=sent["phone"], now=asked.now)
            if joined.created:
                desk.push.wake(asked.session, signer.account)
        return answers.render(answers.success(account=account(joined)))


def _for_the_asking_device(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.route("/repo/devices/keep", methods=["POST"])
    def keep() -> Response:
        """A phone objects to its removal."""
        with desk.asked(_NOTHING) as asked:
            revoking.keep(asked.session, asked.phone(in_need=True), asked.now)
        return answers.render(answers.success())

    @blueprint.route("/repo/signout", methods=["POST"])
    def sign_out() -> Response:
        """Lock the browser, and end its frame sessions."""
        with desk.asked(_NOTHING) as asked:
            signer = asked.device_or_frame(while_locked=True, excuse=leaving.signed_out, in_need=True)
            leaving.sign_out(asked.session, signer, asked.now)
        return answers.render(answers.success())

    @blueprint.route("/repo/unlock", methods=["POST"])
    def unlock() -> Response:
        """The person is back."""
        with desk.asked(_NOTHING) as asked:
            leaving.unlock(asked.session, asked.device(while_locked=True), asked.now)
        return answers.render(answers.success())


def _listed(device: devices.Device, signer: Signer, now: datetime) -> dict[str, object]:
    ended, ends = device.ended(now), device.ends(now)
    return {
        "id": device.id,
        "name": device.name,
        "created": time(device.created_at),
        "last_used": time(device.last_used),
        "current": device.id == signer.device,
        "revoked": time(ended) if ended else None,
        "phone": device.phone,
        "ends": time(ends) if ends else None,
    }


def time(moment: datetime) -> str:
    """A time on the wire: ISO 8601, UTC, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
