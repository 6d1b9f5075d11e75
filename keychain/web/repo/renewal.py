"""``/repo/renew``: a new secret for an account (``docs/repo.md``, A new secret)."""

from flask import Blueprint, Response

from keychain.repo import renewing
from keychain.repo.releasing import Wish
from keychain.repo.renewing import NewCard, Renewal
from keychain.web import answers
from keychain.web.repo import vault_schemas
from keychain.web.repo.desk import Desk

_NEW_SEALS = vault_schemas.NewSeals()


def door(desk: Desk) -> Blueprint:
    """The door."""
    blueprint = Blueprint("repo_renewal", __name__)

    @blueprint.route("/repo/renew", methods=["POST"])
    def renew() -> Response:
        """Replace all that is sealed, and end whatever else could act for the account."""
        with desk.asked_unread(vault_schemas.RENEWAL_BODY) as asked:
            signer = asked.device()
            desk.admit_renewal(signer.account)
            sent = asked.read(_NEW_SEALS)
            sealed = Renewal(
                {one["uid"]: one["sealed"] for one in sent["identities"]},
                [NewCard(**one) for one in sent["cards"]],
                [Wish(**one) for one in sent["releases"]],
            )
            renewing.renew(asked.session, signer, sealed, asked.now)
        return answers.render(answers.success())

    return blueprint
