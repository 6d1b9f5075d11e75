"""What the repo's doors share: one way in for every request.

The order is that of ``docs/repo.md``: the address's rate, the forms of body and proof, the proof's freshness, its
signature, whether the signer is alive, the signer's and the account's rate, whether the proof is new. Then the deed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request
from marshmallow import Schema

from keychain import errors
from keychain.jose.jwk import PublicKey
from keychain.repo import joining, origins, proofs, recovery, signers
from keychain.repo.joining import Joined
from keychain.repo.masterkeys import MasterKeys
from keychain.repo.minting import Mint
from keychain.repo.recovery import RecoveryKey
from keychain.repo.signers import Signer
from keychain.store.engine import Session
from keychain.web import bodies
from keychain.web.repo import schemas
from keychain.web.service import Service

BODY_BYTES = 16 * 1024
HEADER = "Proof"


@dataclass(frozen=True)
class Desk:
    """The open repo: the service, its master keys, and the port to a Keychain."""

    service: Service
    keys: MasterKeys
    mint: Mint

    @property
    def origin(self) -> str:
        """What browsers call this service."""
        return self.service.settings.public_origin

    @contextmanager
    def asked(self, schema: Schema) -> Iterator["Asked"]:
        """One request, its body read and of the form of ``schema``.

        Raises:
            TooManyRequests, BodyTooLarge, MalformedBody, MalformedMember, SealedTooLarge: if it is not.
        """
        self.admit_address(self.service.settings.repo_limit, "repo")
        raw = bodies.read(BODY_BYTES)
        members = schemas.load(schema, bodies.parse(raw))
        with self.service.store.session() as session:
            yield Asked(self, members, raw, session, self.service.clock())

    def admit_address(self, rate: str, what: str) -> None:
        """Count one more by the caller's address.

        Raises:
            TooManyRequests: beyond ``rate``.
        """
        if not self.service.rates.admit(rate, what, address=self.service.address()):
            raise errors.TooManyRequests

    def admit_signer(self, kid: str, account: str) -> None:
        """Count one more by this signer, and one by its account.

        Raises:
            TooManyRequests: beyond what each of them may.
        """
        rates, settings = self.service.rates, self.service.settings
        if not (rates.admit(settings.signer_limit, "signer", kid)
                and rates.admit(settings.account_limit, "account", account)):  # fmt: skip
            raise errors.TooManyRequests


def _never(_signer: Signer) -> bool:
    return False


@dataclass(frozen=True)
class Asked:
    """A request whose body is well-formed. Who sent it, its methods find out; each uses the request's proof up."""

    desk: Desk
    members: dict[str, Any]
    raw: bytes
    session: Session
    now: datetime

    def device(self, *, while_locked: bool = False, excuse: Callable[[Signer], bool] = _never) -> Signer:
        """The living device that signed this request.

        Raises:
            MalformedProof, ProofNotFresh, SignerRefused, SignerRevoked, DeviceLocked, TooManyRequests, ReplayedProof:
                in this order; ``while_locked`` lets a signed-out device pass, and ``excuse`` a dead signer.
        """
        return self._signer(frames=False, while_locked=while_locked, excuse=excuse)

    def device_or_frame(self, *, while_locked: bool = False, excuse: Callable[[Signer], bool] = _never) -> Signer:
        """The living device or frame session that signed this request; raises as ``device`` does."""
        return self._signer(frames=True, while_locked=while_locked, excuse=excuse)

    def newcomer(self, key: PublicKey) -> Joined | None:
        """Pass a request that ``key`` itself signed. What it is a device of already, or ``None`` for a new one.

        Raises:
            MalformedProof, ProofNotFresh, SignerRefused, SignerRevoked, DeviceLocked, AlreadyTaken, TooManyRequests,
                ReplayedProof: in this order.
        """
        proof = self._proof()
        proofs.check(proof, key)
        joined = joining.known(self.session, key, self.now)
        if joined is None:
            self.desk.admit_address(self.desk.service.settings.sign_up_limit, "sign_up")
        else:
            self.desk.admit_signer(joined.device, joined.account)
        proofs.spend(self.session, proof)
        return joined

    def recovery_key(self) -> RecoveryKey:
        """The OneID Key that signed this request.

        Raises:
            OneIDKeyRefused: instead of SignerRefused, in the words for every OneID Key that opens nothing.
        """
        proof = self._proof()
        found = recovery.signing(self.session, proof.unverified_kid)
        try:
            proofs.check(proof, found.key if found else None)
        except errors.SignerRefused as error:
            raise errors.OneIDKeyRefused from error
        assert found is not None  # noqa: S101 - nobody's key signs nothing
        self.desk.admit_signer(proof.unverified_kid, found.account)
        proofs.spend(self.session, proof)
        return found

    def _signer(self, *, frames: bool, while_locked: bool, excuse: Callable[[Signer], bool]) -> Signer:
        proof = self._proof()
        signer = signers.find(self.session, proof.unverified_kid)
        if signer is not None and signer.frame is not None and not frames:
            signer = None
        proofs.check(proof, signer.key if signer else None)
        assert signer is not None  # noqa: S101 - nobody's key signs nothing
        if not excuse(signer):
            signers.check_alive(signer, self.now, while_locked=while_locked)
        self.desk.admit_signer(signer.kid, signer.account)
        proofs.spend(self.session, proof)
        return signer

    def origin(self) -> str:
        """The origin that the request names.

        Raises:
            OriginRefused: if nobody can sign in to it, the service's own above all.
        """
        return origins.check(self.members["origin"], self.desk.origin)

    def _proof(self) -> proofs.UnverifiedProof:
        address = f"{self.desk.origin}{request.path}"
        text = request.headers.get(HEADER, "")
        return proofs.parse(text, method=request.method, address=address, body=self.raw, now=self.now)
