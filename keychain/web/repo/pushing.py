"""``/repo/phone/push``: where a phone can be woken (``docs/repo.md``, Phones)."""

from flask import Blueprint, Response

from keychain.repo import phones, push_services
from keychain.repo.push_subscriptions import Subscription
from keychain.web import answers
from keychain.web.repo import confirmation_schemas as schemas
from keychain.web.repo.desk import Desk
from keychain.web.repo.schemas import Nothing

_PUSH = schemas.NewPushSubscription()
_NOTHING = Nothing()


def door(desk: Desk) -> Blueprint:
    """The two doors, for phones."""
    blueprint = Blueprint("repo_pushing", __name__)

    @blueprint.route("/repo/phone/push", methods=["POST"])
    def subscribe() -> Response:
        """Where the phone can be woken."""
        with desk.asked(_PUSH) as asked:
            signer, sent = asked.phone(), asked.members
            push_services.check(sent["endpoint"], desk.service.settings.push_services)
            wanted = Subscription(signer.device, sent["endpoint"], sent["p256dh"], sent["auth"], desk.keys.oldest)
            phones.subscribe(asked.session, signer, wanted, asked.now)
        return answers.render(answers.success())

    @blueprint.route("/repo/phone/push/end", methods=["POST"])
    def unsubscribe() -> Response:
        """Nowhere any more."""
        with desk.asked(_NOTHING) as asked:
            phones.unsubscribe(asked.session, asked.phone(), asked.now)
        return answers.render(answers.success())

    return blueprint
