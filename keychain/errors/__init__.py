"""The whole failure space of the service, drawn as one tree.

::

    KeychainError
    ├── RequestRefused              the request itself is not one we answer
    │   ├── MalformedRequest        400  HTTP that can not be answered, such as a Host that is none
    │   ├── MalformedBody           400  not one strict JSON object
    │   ├── NotFound                404
    │   ├── MethodNotAllowed        405
    │   ├── BodyTooLarge            413
    │   ├── BatchTooLarge           413
    │   ├── TooManyRequests         429
    │   └── TooManyFirstUses        429
    ├── CredentialsRefused          401  speaks of the site's API ID and key only
    ├── ProofRefused                200  the question was understood; the answer is no
    │   ├── MalformedPayload             a member of the payload is not what it has to be
    │   ├── MalformedUid
    │   ├── MissingSignatures            fewer than two roles, or no repo
    │   ├── UnknownRole
    │   ├── MalformedJWS
    │   ├── MalformedKey
    │   ├── MalformedNonce
    │   ├── NoncesDiffer                 two roles signed two nonces
    │   ├── NonceExpired
    │   ├── NonceFromTheFuture
    │   ├── BadSignature
    │   ├── KeyNotOnRecord               also an unknown uid where first use is refused
    │   ├── RecordChangeRefused          a signed change that the record does not allow
    │   ├── RolesRequired                the site demands more roles than signed
    │   ├── WordsNotApproved
    │   ├── WrongAudience
    │   ├── ClaimRefused
    │   ├── ReplayedNonce
    │   └── RepeatedRequest              a replay by the same request: a network retry
    ├── RepoRefused                 the repo does not do what a browser asks of it
    │   ├── MalformedMember         400
    │   ├── MalformedProof          400
    │   ├── ProofNotFresh           403
    │   ├── ReplayedProof           403
    │   ├── SignerRefused           403  an unknown signer and a bad signature, in the same words
    │   ├── SignerRevoked           403  told only to who proved to be that signer
    │   ├── DeviceLocked            403
    │   ├── OriginRefused           403
    │   ├── IdentityRefused         403
    │   ├── OneIDKeyRefused         403  an unknown key and a wrong one, in the same words
    │   ├── DeviceRefused           403
    │   ├── AlreadyTaken            409
    │   ├── InteractionRequired     403
    │   ├── OptoutRefused           403
    │   ├── SealedTooLarge          413
    │   ├── PhoneRequired           403
    │   ├── TicketRefused           403
    │   ├── PairingRefused          403  a code that never was, was used, or expired
    │   ├── ControlKeyRefused       403
    │   ├── ConfirmationRefused     403
    │   ├── ApprovalRefused         403  a control device's signature over something else
    │   ├── NumberRequired          403
    │   ├── NumberRefused           403
    │   ├── PinUnset                403
    │   ├── PinRefused              403
    │   ├── PinLocked               403
    │   ├── PushRefused             403
    │   ├── TooManyConfirmations    429
    │   ├── TooManyPhones           409
    │   ├── CardRefused             403
    │   ├── VersionConflict         409  nothing is overwritten that its writer has not seen
    │   ├── TooManyCards            409
    │   ├── MalformedAddress        400
    │   ├── AddressCodeRefused      403  a code or link that is wrong, used or old, in the same words
    │   └── MailUnavailable         503
    ├── AskingRefused               200  a person was asked, or could not be: nobody confirmed
    │   ├── MalformedWords
    │   ├── TokenRefused                 unknown, revoked, its account ended: in the same words
    │   ├── NoPhone
    │   ├── AskerSilenced
    │   ├── ConfirmationPending
    │   ├── ConfirmationDenied
    │   ├── ConfirmationReported         "this was not me"
    │   └── ConfirmationTimedOut
    └── ServiceFault                we could not answer; nothing was decided
        ├── Unavailable             503
        ├── InternalFault           500
        ├── WaitingRoomFull         503  as many wait for a person as may
        └── NotReady                503  told to who asks whether to send requests here

Each class carries three facts: the integer ``errorcode`` that clients of 2012-2015 read, the stable snake_case
``code`` that new clients read, and the HTTP ``status``. A refused proof or asking is HTTP 200, because one surviving
client throws on any other status and never sees why (legacy wire, 0.2 and 1.2.5). Messages are our own words: nothing
that came from outside is ever put into one. What really happened is chained as ``__cause__`` for the log.
"""

from collections.abc import Iterator

from keychain.errors.faults import *  # noqa: F403 - one name space, in a file per branch
from keychain.errors.phones import *  # noqa: F403
from keychain.errors.proofs import *  # noqa: F403
from keychain.errors.repo import *  # noqa: F403
from keychain.errors.requests import *  # noqa: F403
from keychain.errors.root import KeychainError as KeychainError
from keychain.errors.vault import *  # noqa: F403

_BRANCHES = (  # as above
    RequestRefused,  # noqa: F405
    CredentialsRefused,  # noqa: F405
    ProofRefused,  # noqa: F405
    RepoRefused,  # noqa: F405
    AskingRefused,  # noqa: F405
    ServiceFault,  # noqa: F405
)


def every_code() -> Iterator[type[KeychainError]]:
    """Each class that can be answered, in the order of the tree (for ``docs/errors.md`` and its test)."""
    for branch in _BRANCHES:
        yield from _answered(branch)


def _answered(branch: type[KeychainError]) -> Iterator[type[KeychainError]]:
    if hasattr(branch, "errorcode"):
        yield branch
    for narrower in branch.__subclasses__():
        yield from _answered(narrower)
