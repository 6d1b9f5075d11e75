"""``/repo/cards``: what a person keeps, sealed (``docs/repo.md``, Cards)."""

from flask import Blueprint, Response

from keychain.jose import base64url
from keychain.repo import cards, keeping
from keychain.repo.cards import Card
from keychain.web import answers
from keychain.web.repo import schemas, vault_schemas
from keychain.web.repo.desk import Desk
from keychain.web.repo.devices import time

_NOTHING = schemas.Nothing()
_WRITTEN_CARD = vault_schemas.WrittenCard()


def door(desk: Desk) -> Blueprint:
    """The two doors."""
    blueprint = Blueprint("repo_cards", __name__)

    @blueprint.route("/repo/cards/list", methods=["POST"])
    def list_cards() -> Response:
        """All of them, and that there were those that are deleted."""
        with desk.asked(_NOTHING) as asked:
            found = cards.of(asked.session, asked.device().account)
        return answers.render(answers.success(cards=[_shown(card) for card in found]))

    @blueprint.route("/repo/cards", methods=["POST"])
    def keep() -> Response:
        """Write one under its next version, or delete it."""
        with desk.asked(_WRITTEN_CARD, vault_schemas.CARD_BODY) as asked:
            sent = asked.members
            keeping.keep(asked.session, asked.device(), sent["id"], sent["version"], sent["sealed"], asked.now)
        return answers.render(answers.success(card={"id": sent["id"], "version": sent["version"]}))

    return blueprint


def _shown(card: Card) -> dict[str, object]:
    sealed = None if card.sealed is None else base64url.encode(card.sealed)
    return {"id": card.id, "version": card.version, "sealed": sealed, "changed": time(card.changed_at)}
