"""What the repo refuses about cards, releases and e-mail addresses. Every one of these leaves everything as it was."""

from keychain.errors.repo import RepoRefused


class CardRefused(RepoRefused):
    errorcode, code, status = -100, "card_refused", 403
    message = "this account has no such card"


class VersionConflict(RepoRefused):
    """Nothing is overwritten that its writer has not seen."""

    errorcode, code, status = -101, "version_conflict", 409
    message = "this was changed meanwhile: read it again"


class TooManyCards(RepoRefused):
    errorcode, code, status = -102, "too_many_cards", 409
    message = "this account keeps as much as it may"


class MalformedAddress(RepoRefused):
    errorcode, code, status = -103, "malformed_address", 400
    message = "this is no e-mail address that can be written to"


class AddressCodeRefused(RepoRefused):
    """The same words for a code that is wrong, old or used, and for a link that is."""

    errorcode, code, status = -104, "address_code_refused", 403
    message = "this code or link is wrong, or no longer good"


class MailUnavailable(RepoRefused):
    errorcode, code, status = -105, "mail_unavailable", 503
    message = "no mail can be sent at the moment"
