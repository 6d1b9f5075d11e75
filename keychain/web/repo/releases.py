"""``/repo/releases``: what sites may read of a person's cards (``docs/repo.md``, Releases)."""

from flask import Blueprint, Response

from keychain.jose import base64url
from keychain.repo import releases, releasing
from keychain.repo.releases import Release
from keychain.repo.releasing import Wish
from keychain.web import answers
from keychain.web.repo import schemas, vault_schemas
from keychain.web.repo.desk import Desk
from keychain.web.repo.devices import time

_NOTHING = schemas.Nothing()
_NEW_RELEASE = vault_schemas.NewRelease()
_ENDED_RELEASE = vault_schemas.EndedRelease()
_WANTED_RELEASES = vault_schemas.WantedReleases()


def door(desk: Desk) -> Blueprint:
    """The four doors: three for devices, and one for a site's frame."""
    blueprint = Blueprint("repo_releases", __name__)
    _for_devices(blueprint, desk)

    @blueprint.route("/repo/releases/read", methods=["POST"])
    def read() -> Response:
        """What is released to this site, of the cards that it asks for."""
        with desk.asked(_WANTED_RELEASES) as asked:
            signer, origin, sent = asked.device_or_frame(), asked.origin(), asked.members
            found = releasing.read(asked.session, signer, sent["uid"], origin, sent["cards"], asked.now)
            claims = releasing.claims(asked.session, signer, sent["uid"], found, desk.keys, asked.now)
        return answers.render(answers.success(releases=[_read(one) for one in found], claims=dict(claims)))

    return blueprint


def _for_devices(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.route("/repo/releases/list", methods=["POST"])
    def list_releases() -> Response:
        """All that any site may read, and that there was what is withdrawn."""
        with desk.asked(_NOTHING) as asked:
            found = releases.of(asked.session, asked.device().account)
        return answers.render(answers.success(releases=[_listed(one, origin) for one, origin in found]))

    @blueprint.route("/repo/releases", methods=["POST"])
    def release() -> Response:
        """Let a site read these fields of a card."""
        with desk.asked(_NEW_RELEASE, vault_schemas.CARD_BODY) as asked:
            wish = Wish(**asked.members)
            releasing.release(asked.session, asked.device(), wish, asked.now)
        made = {"uid": wish.uid, "card": wish.card, "version": wish.version}
        return answers.render(answers.success(release=made))

    @blueprint.route("/repo/releases/end", methods=["POST"])
    def withdraw() -> Response:
        """Let a site read a card no more, or none at all."""
        with desk.asked(_ENDED_RELEASE) as asked:
            signer, sent = asked.device(in_need=True), asked.members
            releasing.withdraw(asked.session, signer, sent["uid"], sent["card"], asked.now)
        return answers.render(answers.success())


def _listed(release: Release, origin: str) -> dict[str, object]:
    return {"uid": release.uid, "origin": origin} | _read(release) | {"changed": time(release.changed_at)}


def _read(release: Release) -> dict[str, object]:
    sealed = None if release.sealed is None else base64url.encode(release.sealed)
    return {"card": release.card, "fields": list(release.fields), "version": release.version, "sealed": sealed}
