"""What we could not answer."""

from keychain.errors.root import KeychainError


class ServiceFault(KeychainError):
    """We could not answer. Nothing was decided; the only errors that are logged as errors."""


class Unavailable(ServiceFault):
    errorcode, code, status = -50, "unavailable", 503
    message = "the service can not answer at the moment; try again"


class InternalFault(ServiceFault):
    errorcode, code, status = -51, "internal_fault", 500
    message = "the service failed; the request id names this failure in its log"


class WaitingRoomFull(ServiceFault):
    errorcode, code, status = -52, "waiting_room_full", 503
    message = "as many requests as may already wait for a person; try again"


class NotReady(ServiceFault):
    """Told only to who asks whether to send requests here."""

    errorcode, code, status = -53, "not_ready", 503
    message = "this process can not do its work at the moment; its log says why"
