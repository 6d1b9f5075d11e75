"""Requests that this service does not answer, and credentials that name no site."""

from keychain.errors.root import KeychainError


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
    message = "too many requests; try again later"


class TooManyFirstUses(RequestRefused):
    errorcode, code, status = -16, "too_many_first_uses", 429
    message = "too many users were put on record by this site from this address; try again later"


class CredentialsRefused(KeychainError):
    """The same words for a missing header, an unknown API ID, a wrong key and a revoked site."""

    errorcode, code, status = -1, "credentials_refused", 401
    message = "the API ID and API key are not valid"
