"""What is refused about phones: pairing one, asking one, and what one answers."""

from keychain.errors.repo import RepoRefused
from keychain.errors.root import KeychainError


class PhoneRequired(RepoRefused):
    errorcode, code, status = -75, "phone_required", 403
    message = "only a phone of this account may do this, or has to approve it"


class TicketRefused(RepoRefused):
    errorcode, code, status = -76, "ticket_refused", 403
    message = "the ticket is absent, not one of this service's, for something else, or expired"


class PairingRefused(RepoRefused):
    """The same words for a code that never was, was used, or expired."""

    errorcode, code, status = -77, "pairing_refused", 403
    message = "no pairing waits under this code, or it has ended"


class ControlKeyRefused(RepoRefused):
    errorcode, code, status = -78, "control_key_refused", 403
    message = "this phone has no such control key on record"


class ConfirmationRefused(RepoRefused):
    """The same words for one that does not exist and for one of another account or asker."""

    errorcode, code, status = -79, "confirmation_refused", 403
    message = "this signer has no such confirmation"


class ApprovalRefused(RepoRefused):
    errorcode, code, status = -80, "approval_refused", 403
    message = "the control device did not sign this confirmation"


class NumberRequired(RepoRefused):
    errorcode, code, status = -81, "number_required", 403
    message = "this account wants a number to be shown; ask again where one can be"


class NumberRefused(RepoRefused):
    errorcode, code, status = -82, "number_refused", 403
    message = "this is not the number that is shown"


class PinUnset(RepoRefused):
    errorcode, code, status = -83, "pin_unset", 403
    message = "this phone has no PIN yet"


class PinRefused(RepoRefused):
    errorcode, code, status = -84, "pin_refused", 403
    message = "this is not the phone's PIN"


class PinLocked(RepoRefused):
    errorcode, code, status = -85, "pin_locked", 403
    message = "too many wrong PINs; the phone has to be connected anew"


class PushRefused(RepoRefused):
    errorcode, code, status = -86, "push_refused", 403
    message = "this push service is not one that this service sends to"


class TooManyConfirmations(RepoRefused):
    errorcode, code, status = -87, "too_many_confirmations", 429
    message = "too much was asked of this person's phone; try again later"


class TooManyPhones(RepoRefused):
    errorcode, code, status = -88, "too_many_phones", 409
    message = "this account has as many phones as it may; remove one first"


class AskingRefused(KeychainError):
    """Nobody confirmed. Told with HTTP 200: a client of the time throws on any other status."""

    status = 200


class MalformedWords(AskingRefused):
    errorcode, code = -91, "malformed_words"
    message = "message has 1 to 10,000 characters, and title at most 200 on one line"


class TokenRefused(AskingRefused):
    """The same words for a token that never was, was revoked, or whose account has ended."""

    errorcode, code = -92, "token_refused"
    message = "no user has this two_factor_token"


class NoPhone(AskingRefused):
    errorcode, code = -93, "no_phone"
    message = "this user has no phone connected"


class AskerSilenced(AskingRefused):
    errorcode, code = -94, "asker_silenced"
    message = "this user does not want to be asked"


class ConfirmationPending(AskingRefused):
    errorcode, code = -95, "confirmation_pending"
    message = "this user is being asked already"


class ConfirmationDenied(AskingRefused):
    errorcode, code = -96, "confirmation_denied"
    message = "the user said no"


class ConfirmationReported(AskingRefused):
    errorcode, code = -97, "confirmation_reported"
    message = "the user said that they did not ask for this"


class ConfirmationTimedOut(AskingRefused):
    errorcode, code = -98, "confirmation_timed_out"
    message = "the user did not answer in time"
