"""``/repo/devices/...``, ``/repo/signout`` and ``/repo/unlock``: the browsers of an account (``docs/repo.md``)."""

from datetime import UTC, datetime
from functools import partial

from flask import Blueprint, Response

from keychain.repo import devices, leaving, revoking
from keychain.repo.signers import Signer
from keychain.web import answers
from keychain.web.repo import schemas
from keychain.web.repo.desk import Desk

_NAMED_DEVICE = schemas.NamedDevice()
_NOTHING = schemas.Nothing()


def door(desk: Desk) -> Blueprint:
    """The four doors. A device that is signed out may use all of them."""
    blueprint = Blueprint("repo_devices", __name__)

    @blueprint.route("/repo/devices/list", methods=["POST"])
    def list_devices() -> Response:
        """Every device that the account ever had, oldest first."""
        with desk.asked(_NOTHING) as asked:
            signer = asked.device(while_locked=True, in_need=True)
            found = devices.of(asked.session, signer.account)
        return answers.render(answers.success(devices=[_listed(device, signer) for device in found]))

    @blueprint.route("/repo/devices/revoke", methods=["POST"])
    def revoke() -> Response:
        """End a device, perhaps the asking one, and all its frame sessions."""
        with desk.asked(_NAMED_DEVICE) as asked:
            named = asked.members["device"]
            repeated = partial(revoking.ended_itself, device=named)
            signer = asked.device(while_locked=True, excuse=repeated, in_need=True)
            revoking.revoke(asked.session, signer, named, asked.now)
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

    return blueprint


def _listed(device: devices.Device, signer: Signer) -> dict[str, object]:
    return {
        "id": device.id,
        "name": device.name,
        "created": time(device.created_at),
        "last_used": time(device.last_used),
        "current": device.id == signer.device,
        "revoked": time(device.revoked_at) if device.revoked_at else None,
    }


def time(moment: datetime) -> str:
    """A time on the wire: ISO 8601, UTC, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
