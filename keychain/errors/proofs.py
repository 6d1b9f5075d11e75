"""What a site's question is refused with: the answer is no."""

from keychain.errors.root import KeychainError


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
