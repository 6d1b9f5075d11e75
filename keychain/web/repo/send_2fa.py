"""``/repo/send_2fa``: a site's server asks a person, with no browser present, and waits (``docs/protocol.md``).

The request comes as at the Keychain's doors: Basic credentials, and a body in which unknown members are ignored. It is
a server's; a page that makes its visitor's browser ask is refused as at the repo's other doors.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request

from keychain import errors
from keychain import nonce as nonces
from keychain.jose import base64url
from keychain.repo import asking, outcomes
from keychain.repo.asking import AskingSite, Wish
from keychain.repo.confirmations import Confirmation
from keychain.repo.outcomes import CoSigned
from keychain.repo.words import SEND_2FA
from keychain.web import answers, auth, bodies
from keychain.web.repo.desk import Desk


def door(desk: Desk) -> Blueprint:
    """The door."""
    blueprint = Blueprint("repo_send_2fa", __name__)

    @blueprint.route("/repo/send_2fa", methods=["POST"])
    def send() -> Response:
        """Ask, and answer with how it ended. Nothing is held while a person thinks but a thread that sleeps."""
        desk.admit()
        body = bodies.parse(bodies.read(bodies.PAYLOAD_BYTES))
        until = desk.room.until()
        with _seated(desk) as site:
            asked = _ask(desk, site, body)
            with desk.service.permits.given_back():
                desk.room.wait(asked.id, until)
            with desk.service.store.session() as session:
                now = desk.service.clock()
                max_age = desk.service.settings.max_age
                ended = outcomes.finish(session, asked, desk.keys, max_age, now)
        return answers.render(answers.success(nonces=_nonces(ended)))

    return blueprint


@contextmanager
def _seated(desk: Desk) -> Iterator[AskingSite]:
    """Who asks, with a place to wait in. Where another machine has to say who that is, it is asked from that place and
    without a permit: however long it takes, the other doors answer.

    Raises:
        CredentialsRefused, WaitingRoomFull, Unavailable: if there is no such site, place or answer.
    """
    api_id, api_key = auth.credentials(request.environ)
    if desk.sites.remote:
        with desk.room.place():
            with desk.service.permits.given_back():
                origin = desk.sites.origin_of(api_id, api_key)
            yield AskingSite(api_id, origin)
        return
    origin = desk.sites.origin_of(api_id, api_key)
    with desk.room.place():
        yield AskingSite(api_id, origin)


def _ask(desk: Desk, site: AskingSite, body: Mapping[str, Any]) -> Confirmation:
    now = desk.service.clock()
    wish = _wish(body, nonces.make(now))
    with desk.service.store.session() as session:
        asked = asking.ask_by_token(
            session,
            site,
            body.get("two_factor_token"),
            wish,
            desk.visitor(),
            admit=desk.admit_question,
            max_age=desk.service.settings.max_age,
            now=now,
            until=now + timedelta(seconds=desk.room.seconds),
        )
        desk.push.wake(session, asked.account, asked.id)
    return asked


def _wish(body: Mapping[str, Any], fresh: nonces.Nonce) -> Wish:
    """The words of a request; with a nonce of ours where the site chose none.

    Raises:
        MalformedWords: if they are none.
        MalformedNonce: if the nonce is none.
    """
    message, title, nonce = body.get("message"), body.get("title", ""), body.get("nonce", fresh.text)
    if not isinstance(message, str) or not isinstance(title, str):
        raise errors.MalformedWords
    return Wish(SEND_2FA, asking.PLAIN, title, message, nonces.parse(nonce).text, shows_number=False)


def _nonces(ended: CoSigned) -> dict[str, dict[str, str]]:
    by_repo = {"nonce": ended.repo.nonce, "key": base64url.encode(ended.repo.key.raw)}
    return {"repo": by_repo, "cd": {"nonce": ended.cd.signed, "key": base64url.encode(ended.cd.key.raw)}}
