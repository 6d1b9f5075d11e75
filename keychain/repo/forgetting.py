"""Forgetting a site: the identity there, and everything that refers to it, in one transaction.

The Keychain's record of the uid stays; it names nobody, and without the repo's part nobody signs in with it.
"""

from datetime import datetime

from keychain import errors
from keychain.repo import (
    accounts,
    confirmations,
    control_keys,
    frame_sessions,
    identities,
    releases,
    sign_ins,
    signers,
    silenced,
)
from keychain.repo.signers import Signer
from keychain.store.engine import Session


def forget(session: Session, signer: Signer, uid: str, origin: str, now: datetime) -> None:
    """Forget the identity ``uid`` of the signer's account. One that is not there is forgotten already.

    Raises:
        OriginRefused: if it is another origin's.
    """
    with signers.acting(session, signer, now):
        identity = identities.of(session, signer.account, uid)
        if identity is None:
            return
        if identity.origin != origin:
            raise errors.OriginRefused
        for belonging in (frame_sessions, releases, control_keys, confirmations):
            belonging.forget_at(session, uid)
        sign_ins.forget_at(session, signer.account, uid)
        silenced.remove(session, signer.account, f"site:{uid}")
        identities.remove(session, uid)
        accounts.changed(session, signer.account)


def ask_each_time(session: Session, signer: Signer, uid: str, now: datetime) -> None:
    """End every frame session of an identity: whoever wants to sign in there is asked.

    Raises:
        IdentityRefused: unless ``uid`` is one of the signer's account.
    """
    with signers.acting(session, signer, now):
        if identities.of(session, signer.account, uid) is None:
            raise errors.IdentityRefused
        frame_sessions.revoke_at(session, uid, now)
