"""``/repo/recovery``, and joining an account with its OneID Key (``docs/repo.md``, OneID Key)."""

from flask import Blueprint, Response

from keychain.jose import base64url
from keychain.repo import joining, recovering
from keychain.web import answers
from keychain.web.repo import schemas
from keychain.web.repo.accounts import account
from keychain.web.repo.desk import Desk

_NEW_RECOVERY_KEY = schemas.NewRecoveryKey()
_NEW_DEVICE = schemas.NewDevice()
_LOCATOR = schemas.Locator()
_NOTHING = schemas.Nothing()


def door(desk: Desk) -> Blueprint:
    """The four doors."""
    blueprint = Blueprint("repo_recovery", __name__)

    @blueprint.route("/repo/recovery", methods=["POST"])
    def replace() -> Response:
        """Give the account a OneID Key, in the place of a former one."""
        with desk.asked(_NEW_RECOVERY_KEY) as asked:
            signer = asked.device()
            _count_try(desk)  # it tells by ``already_taken`` what somebody has
            recovering.replace(asked.session, signer, **asked.members, now=asked.now)
        return answers.render(answers.success())

    @blueprint.route("/repo/recovery/confirm", methods=["POST"])
    def confirm() -> Response:
        """The person has it on paper."""
        with desk.asked(_NOTHING) as asked:
            recovering.confirm(asked.session, asked.device(), asked.now)
        return answers.render(answers.success())

    @blueprint.route("/repo/recovery/open", methods=["POST"])
    def open_sealed() -> Response:
        """What a OneID Key opens. Nobody signs this: who asks has no key yet."""
        with desk.asked(_LOCATOR) as asked:
            _count_try(desk)
            found = recovering.open_sealed(asked.session, asked.members["locator"])
        members = {"account": found.account, "sealed": base64url.encode(found.sealed)}
        return answers.render(answers.success(recovery=members))

    @blueprint.route("/repo/devices", methods=["POST"])
    def join() -> Response:
        """A new device, which the OneID Key vouches for."""
        with desk.asked(_NEW_DEVICE) as asked:
            opened = asked.recovery_key()
            joined = joining.join(asked.session, opened, **asked.members["device"], now=asked.now)
            if joined.created:
                desk.push.wake(asked.session, joined.account)
        return answers.render(answers.success(account=account(joined)))

    return blueprint


def _count_try(desk: Desk) -> None:
    """A OneID Key is tried from this address, in whichever way."""
    desk.admit_address(desk.service.settings.recovery_limit, "recovery")
