"""One request at a door of the repo: its members, and who sent it. The order of its checks is that of ``desk``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import request
from marshmallow import Schema

from keychain import errors
from keychain.jose.jwk import PublicKey
from keychain.repo import joining, origins, proofs, recovery, signers, tickets
from keychain.repo.joining import Joined
from keychain.repo.recovery import RecoveryKey
from keychain.repo.signers import Signer
from keychain.store.engine import Session
from keychain.web import bodies
from keychain.web.repo import schemas

if TYPE_CHECKING:
    from keychain.web.repo.desk import Desk

HEADER = "Proof"

Excuse = Callable[[Signer], bool]


@dataclass(frozen=True)
class Asked:
    """A request whose body is well-formed, or still to be read. Who sent it, its methods find out; each uses the
    request's proof up.
    """

    desk: "Desk"
    members: dict[str, Any]
    raw: bytes
    session: Session
    now: datetime

    def read(self, schema: Schema) -> dict[str, Any]:
        """The members of a body that nobody has read yet.

        Raises:
            MalformedBody, MalformedMember, SealedTooLarge: if it is not of the form of ``schema``.
        """
        return schemas.load(schema, bodies.parse(self.raw))

    def device(self, *, while_locked: bool = False, excuse: Excuse = signers.nobody, in_need: bool = False) -> Signer:
        """The living device that signed this request.

        Raises:
            MalformedProof, ProofNotFresh, SignerRefused, SignerRevoked, DeviceLocked, ReplayedProof, TooManyRequests:
                in this order; ``while_locked`` lets a signed-out device pass, and ``excuse`` a dead signer. A request
                ``in_need`` does not count as the account's: a stolen device can not use up what stops it.
        """
        return self._signer(False, while_locked, excuse, in_need)

    def phone(self, *, in_need: bool = False) -> Signer:
        """The living phone that signed this request; as ``device``.

        Raises:
            PhoneRequired: if it is a device, but no phone.
        """
        signer = self.device(in_need=in_need)
        if not signer.phone:
            raise errors.PhoneRequired
        return signer

    def ticket(self, *topics: str) -> tickets.Ticket:
        """The ticket that came with this request, for one of ``topics``. Counted by itself.

        Raises:
            TicketRefused, TooManyRequests: otherwise.
        """
        return self.desk.ticket(self.now, *topics)

    def device_or_frame(
        self, *, while_locked: bool = False, excuse: Excuse = signers.nobody, in_need: bool = False
    ) -> Signer:
        """The living device or frame session that signed this request; as ``device``."""
        return self._signer(True, while_locked, excuse, in_need)

    def newcomer(self, key: PublicKey) -> Joined | None:
        """Pass a request that ``key`` itself signed. What it is a device of already, or ``None`` for a new one.

        A new one is counted by its address, and before anything of it is written: it could be anybody's.

        Raises:
            MalformedProof, ProofNotFresh, SignerRefused, SignerRevoked, DeviceLocked, AlreadyTaken, ReplayedProof,
                TooManyRequests: in this order, but for a new one's rate.
        """
        proof = self._proof()
        proofs.check(proof, key)
        joined = joining.known(self.session, key, self.now)
        if joined is None:
            self.desk.admit_address(self.desk.service.settings.sign_up_limit, "sign_up")
            proofs.spend(self.session, proof)
            return None
        try:
            proofs.spend(self.session, proof, signers.standing(frame=False, while_locked=False))
        except errors.ReplayedProof:
            joining.known(self.session, key, self.now)  # if it ended just now, this says so
            raise
        self.desk.admit_signer(joined.device, joined.account)
        return joined

    def recovery_key(self) -> RecoveryKey:
        """The OneID Key that signed this request. Whether it opens the account still, ``join`` asks again.

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
        proofs.spend(self.session, proof)
        self.desk.admit_signer(proof.unverified_kid, None)
        return found

    def _signer(self, frames: bool, while_locked: bool, excuse: Excuse, in_need: bool) -> Signer:
        proof = self._proof()
        signer = signers.find(self.session, proof.unverified_kid, self.now)
        if signer is not None and signer.frame is not None and not frames:
            signer = None
        proofs.check(proof, signer.key if signer else None)
        assert signer is not None  # noqa: S101 - nobody's key signs nothing
        signer = self._spend(proof, signer, while_locked, excuse)
        self.desk.admit_signer(signer.kid, None if in_need else signer.account)
        signers.touch(self.session, signer, self.now)
        return signer

    def _spend(self, proof: proofs.UnverifiedProof, signer: Signer, while_locked: bool, excuse: Excuse) -> Signer:
        """Use the proof up while its signer is alive; the signer as it then is."""
        if excuse(signer):
            proofs.spend(self.session, proof)
            return signer
        signers.check_alive(signer, self.now, while_locked=while_locked)
        alive = signers.standing(frame=signer.frame is not None, while_locked=while_locked)
        try:
            proofs.spend(self.session, proof, alive)
        except errors.ReplayedProof as error:
            current = signers.find(self.session, signer.kid, self.now)
            if current is None:  # its site was forgotten just now
                raise errors.SignerRefused from error
            if current == signer:
                raise
            return self._spend(proof, current, while_locked, excuse)  # it ended, or was signed out, just now
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
