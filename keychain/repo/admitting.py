"""Letting a site's frame sign in by itself: a frame session, made by a device in a window where the person agreed."""

from datetime import datetime

from keychain import errors
from keychain.jose.jwk import PublicKey
from keychain.repo import frame_sessions, identities, signers
from keychain.repo.frame_sessions import FrameSession
from keychain.repo.signers import Signer
from keychain.store.engine import Session


def admit(
    session: Session, signer: Signer, uid: str, origin: str, key: PublicKey, silent: bool, now: datetime
) -> FrameSession:
    """Let ``key`` co-sign for ``uid``; a session that is there already is answered as it is.

    Raises:
        IdentityRefused: unless ``uid`` is one of the signer's account, and on record at the Keychain.
        OriginRefused: if the identity is another origin's.
        AlreadyTaken: if the key is another session's, or speaks as something else.
        SignerRevoked: if the session was there and has ended.
    """
    with signers.acting(session, signer, now):
        identity = identities.of(session, signer.account, uid)
        if identity is None or not identity.minted:
            raise errors.IdentityRefused
        if identity.origin != origin:
            raise errors.OriginRefused
        before = frame_sessions.find(session, key.thumbprint)
        if before is None and not signers.is_taken(session, key.thumbprint):
            frame_sessions.add(session, signer.device, uid, key, silent, now)
            before = frame_sessions.find(session, key.thumbprint)
        if before is None or (before.device, before.uid, before.silent) != (signer.device, uid, silent):
            raise errors.AlreadyTaken
        if before.revoked_at is not None or before.expires < now:
            raise errors.SignerRevoked
    return before
