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
    └── ServiceFault                we could not answer; nothing was decided
        ├── Unavailable             503
        └── InternalFault           500

Each class carries three facts: the integer ``errorcode`` that clients of 2012-2015 read, the stable snake_case
``code`` that new clients read, and the HTTP ``status``. A refused proof is HTTP 200, because one surviving client
throws on any other status and never sees why (legacy wire, 0.2 and 1.2.5). Messages are our own words: nothing that
came from outside is ever put into one. What really happened is chained as ``__cause__`` for the log.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar


class KeychainError(Exception):
    """The root. ``str(error)`` is safe to show to anyone; ``attr_claims`` is part of every answer."""

    errorcode: ClassVar[int]
    code: ClassVar[str]
    status: ClassVar[int]
    message: ClassVar[str]

    def __init__(self, message: str | None = None, *, attr_claims: Mapping[str, bool] | None = None) -> None:
        super().__init__(message or self.message)
        self.attr_claims: Mapping[str, bool] = attr_claims or {}


class RequestRefused(KeychainError):
    """The request is not one that this service answers; it was not looked at further."""


class MalformedRequest(RequestRefused):
    errorcode, code, status = -17, "malformed_request", 400
    message = "the request is not one that can be answered"


class MalformedBody(RequestRefused):
    errorcode, code, status = -10, "malformed_body", 400
    message = "the body is not one JSON object without duplicate members"


class NotFound(RequestRefused):
    errorcode, code, status = -11, "not_found", 404
    message = "there is nothing at this path"


class MethodNotAllowed(RequestRefused):
    errorcode, code, status = -12, "method_not_allowed", 405
    message = "this path does not answer this method"


class BodyTooLarge(RequestRefused):
    errorcode, code, status = -13, "body_too_large", 413
    message = "the body is larger than this path reads"


class BatchTooLarge(RequestRefused):
    errorcode, code, status = -14, "batch_too_large", 413
    message = "a batch holds at most 1,000 payloads"


class TooManyRequests(RequestRefused):
    errorcode, code, status = -15, "too_many_requests", 429
    message = "too many requests from this address; try again later"


class TooManyFirstUses(RequestRefused):
    errorcode, code, status = -16, "too_many_first_uses", 429
    message = "too many users were put on record by this site from this address; try again later"


class CredentialsRefused(KeychainError):
    """The same words for a missing header, an unknown API ID, a wrong key and a revoked site."""

    errorcode, code, status = -1, "credentials_refused", 401
    message = "the API ID and API key are not valid"


class ProofRefused(KeychainError):
    """The question was understood, and the answer is no."""

    status = 200


class MalformedPayload(ProofRefused):
    errorcode, code = -20, "malformed_payload"
    message = "a member of the payload is not of its documented form"


class MalformedUid(ProofRefused):
    errorcode, code = -21, "malformed_uid"
    message = "uid is not the padded base64 of 16 bytes"


class MissingSignatures(ProofRefused):
    errorcode, code = -22, "missing_signatures"
    message = "at least two roles have to sign, repo among them"


class UnknownRole(ProofRefused):
    errorcode, code = -23, "unknown_role"
    message = "nonces names a role other than ad, repo and cd"


class MalformedJWS(ProofRefused):
    errorcode, code = -24, "malformed_jws"
    message = "a nonce is not a compact ES256 JWS with a nonce in its payload"


class MalformedKey(ProofRefused):
    errorcode, code = -25, "malformed_key"
    message = "a key is not the base64 of a point X||Y on P-256"


class MalformedNonce(ProofRefused):
    errorcode, code = -26, "malformed_nonce"
    message = "the nonce is not 001, a UTC second and at least six letters or digits"


class NoncesDiffer(ProofRefused):
    errorcode, code = -27, "nonces_differ"
    message = "the roles did not sign the same nonce"


class NonceExpired(ProofRefused):
    errorcode, code = -28, "nonce_expired"
    message = "the nonce has expired"


class NonceFromTheFuture(ProofRefused):
    errorcode, code = -29, "nonce_from_the_future"
    message = "the nonce was made later than this service's clock allows"


class BadSignature(ProofRefused):
    errorcode, code = -30, "bad_signature"
    message = "a signature does not verify"


class KeyNotOnRecord(ProofRefused):
    errorcode, code = -31, "key_not_on_record"
    message = "a key is not on record for this uid"


class RecordChangeRefused(ProofRefused):
    errorcode, code = -32, "record_change_refused"
    message = "the record does not allow this change"


class RolesRequired(ProofRefused):
    errorcode, code = -33, "roles_required"
    message = "this site requires a role that has not signed"


class WordsNotApproved(ProofRefused):
    errorcode, code = -34, "words_not_approved"
    message = "the control device did not sign these words"


class WrongAudience(ProofRefused):
    errorcode, code = -35, "wrong_audience"
    message = "the payload was made for another site"


class ClaimRefused(ProofRefused):
    errorcode, code = -36, "claim_refused"
    message = "an attribute claim is not valid for this user"


class ReplayedNonce(ProofRefused):
    errorcode, code = -37, "replayed_nonce"
    message = "this nonce was already spent"


class RepeatedRequest(ProofRefused):
    errorcode, code = -38, "repeated_request"
    message = "this request was already answered"


class ServiceFault(KeychainError):
    """We could not answer. Nothing was decided; the only errors that are logged as errors."""


class Unavailable(ServiceFault):
    errorcode, code, status = -50, "unavailable", 503
    message = "the service can not answer at the moment; try again"


class InternalFault(ServiceFault):
    errorcode, code, status = -51, "internal_fault", 500
    message = "the service failed; the request id names this failure in its log"


def every_code(root: type[KeychainError] = KeychainError) -> Iterator[type[KeychainError]]:
    """Each class that can be answered, in the order of the tree (for ``docs/errors.md`` and its test)."""
    for branch in root.__subclasses__():
        if hasattr(branch, "errorcode"):
            yield branch
        yield from every_code(branch)
