"""What the repo refuses a browser. Every one of these leaves everything as it was."""

from keychain.errors.root import KeychainError


class RepoRefused(KeychainError):
    """A device or frame asked for what it may not have, or not in this form."""


class MalformedMember(RepoRefused):
    errorcode, code, status = -60, "malformed_member", 400
    message = "a member of the request is not of its documented form"


class MalformedProof(RepoRefused):
    errorcode, code, status = -61, "malformed_proof", 400
    message = "the proof is absent, not of its form, or made for another request"


class ProofNotFresh(RepoRefused):
    errorcode, code, status = -62, "proof_not_fresh", 403
    message = "the proof's time is too far from this service's clock"


class ReplayedProof(RepoRefused):
    errorcode, code, status = -63, "replayed_proof", 403
    message = "this proof was already used"


class SignerRefused(RepoRefused):
    """The same words, after the same work, for an unknown signer and for a signature that does not verify."""

    errorcode, code, status = -64, "signer_refused", 403
    message = "the proof is not signed by a key that may ask this"


class SignerRevoked(RepoRefused):
    """Told only to who signed with that very key."""

    errorcode, code, status = -65, "signer_revoked", 403
    message = "this device or frame session was ended"


class DeviceLocked(RepoRefused):
    errorcode, code, status = -66, "device_locked", 403
    message = "this device is signed out"


class OriginRefused(RepoRefused):
    errorcode, code, status = -67, "origin_refused", 403
    message = "this origin can not be signed in to here"


class IdentityRefused(RepoRefused):
    """The same words for a uid that does not exist and for one of another account."""

    errorcode, code, status = -68, "identity_refused", 403
    message = "this signer has no such identity"


class OneIDKeyRefused(RepoRefused):
    """The same words whatever is wrong with the OneID Key."""

    errorcode, code, status = -69, "oneid_key_refused", 403
    message = "this is no OneID Key of an account"


class DeviceRefused(RepoRefused):
    errorcode, code, status = -70, "device_refused", 403
    message = "this account has no such device"


class AlreadyTaken(RepoRefused):
    errorcode, code, status = -71, "already_taken", 409
    message = "this key belongs to another account, or speaks as something else"


class InteractionRequired(RepoRefused):
    errorcode, code, status = -72, "interaction_required", 403
    message = "the person has to be asked"


class OptoutRefused(RepoRefused):
    errorcode, code, status = -73, "optout_refused", 403
    message = "the account is no longer new, or was opened again"


class SealedTooLarge(RepoRefused):
    errorcode, code, status = -74, "sealed_too_large", 413
    message = "what is sealed is larger than the repo keeps"
