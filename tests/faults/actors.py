"""Who does everything, in a thread of its own and without pause, and an operator beside them.

Each deed writes to the ledger what may be accepted at most once before it is sent, and what was acknowledged after.
What a deed changes is withdrawn from the promises before it is sent, and promised anew when its success came.
"""

import contextlib
import json
import random
from collections.abc import Callable
from threading import Event
from typing import Any

from authenticator import make_nonce
from device import Device, Identity, OneIDKey, Prover, card

from tests.faults.ledger import Ledger, Once
from tests.faults.lines import Cut, Json, Line, Request
from tests.faults.nodes import Node
from tests.faults.people import KNOWN_PEOPLE, SEEN, FastKey, Signer, now, validation


class Actor(Signer):
    """A signer that uses the repo as well."""

    def __init__(self, node: Node, ledger: Ledger, chance: random.Random) -> None:
        super().__init__(node, ledger, chance)
        self.accounts: list[Account] = []
        self.deeds: dict[Callable[[], Any], int] = {
            self.sign_in: 60,
            self.sign_in_twice_at_once: 10,
            self.come_for_the_first_time: 8,
            self.register: 4,
            self.change_a_record: 6,
            self.sign_up: 2,
            self.write_a_card: 6,
            self.let_a_device_in: 4,
            self.revoke_a_device: 1,
            self.mint: 2,
            self.sign_in_with_the_repo: 4,
        }

    def settle_in(self) -> None:
        """What it needs before there is any load: a little of everything."""
        for deed in (self.register, self.register, self.sign_up, self.let_a_device_in, self.let_a_device_in, self.mint):
            deed()
        for _ in range(KNOWN_PEOPLE + 5):
            self.come_for_the_first_time()

    def live(self, until: Event) -> None:
        """One deed after another. Where nobody listens, it tries to connect again and again."""
        deeds, weights = list(self.deeds), list(self.deeds.values())
        while not until.is_set():
            try:
                self.line.connect()
            except Cut as cut:
                self.ledger.cut(cut)
                until.wait(0.02)
                continue
            with contextlib.suppress(Cut):  # it is in the ledger
                self.chance.choices(deeds, weights)[0]()

    def proved(self, device: Prover, path: str, body: Json, kept: Callable[[Json], None] = lambda _: None) -> Once:
        """A request that a device signs, good for one time."""
        raw = json.dumps(body).encode()
        return Once(Request(path, raw, {"Proof": device.proof(path, raw)}), path, kept, SEEN)

    def sign_up(self) -> None:
        device = self.new_device()

        def kept(members: Json) -> None:
            device.account = members["account"]["id"]
            self.accounts.append(Account(device))
            self.ledger.promise(("device", device.kid), lambda line: self.not_let_in(line, device))

        self.succeed(self.proved(device, "/repo/accounts", device.members, kept))

    def new_device(self) -> Device:
        return Device(lambda *_, **__: (0, {}), now, self.node.origin, FastKey())

    def not_let_in(self, line: Line, device: Device) -> str:
        answer = self.ledger.ask(line, self.proved(device, "/repo/devices/list", {}))
        listed = {one["id"] for one in answer.members.get("devices", ()) if one["revoked"] is None}
        return "" if device.kid in listed else f"the device gets {answer.code}"

    def let_a_device_in(self) -> None:
        """Another browser joins an account by its OneID Key, which is made before."""
        if not self.accounts:
            return
        account = self.chance.choice(self.accounts)
        if account.onekey is None:
            made = OneIDKey()
            made.key = FastKey()

            def made_it(_members: Json) -> None:
                account.onekey = made

            self.succeed(self.proved(account.device, "/repo/recovery", made.members, made_it))
            return
        other = self.new_device()

        def kept(_members: Json) -> None:
            account.others.append(other)
            self.ledger.promise(("device", other.kid), lambda line: self.not_let_in(line, other))

        holder = Prover(other.ask, now, self.node.origin, account.onekey.key)
        self.succeed(self.proved(holder, "/repo/devices", other.members, kept))

    def revoke_a_device(self) -> None:
        for account in self.accounts:
            if account.others:
                break
        else:
            return
        gone = account.others.pop(0)
        self.ledger.withdraw(("device", gone.kid))

        def kept(_members: Json) -> None:
            self.ledger.promise(("revoked device", gone.kid), lambda line: self.still_in(line, gone))

        self.succeed(self.proved(account.device, "/repo/devices/revoke", {"device": gone.kid}, kept))

    def still_in(self, line: Line, device: Device) -> str:
        code = self.ledger.ask(line, self.proved(device, "/repo/devices/list", {})).code
        return "" if code == "signer_revoked" else f"a revoked device gets {code}"

    def write_a_card(self) -> None:
        """A new card, or the next version of one."""
        if not self.accounts:
            return
        account = self.chance.choice(self.accounts)
        written = card()
        former = None
        if account.cards and self.chance.random() < 0.6:
            former = account.cards.pop(0)  # and comes back, if its change is acknowledged
            written = card(id=former["id"], version=former["version"] + 1)
        key = ("card", account.device.kid, written["id"])

        def promised(*possible: Json | None) -> None:
            self.ledger.promise(key, lambda line: self.card_unlike(line, account.device, written["id"], *possible))

        def kept(_members: Json) -> None:
            account.cards.append(written)
            promised(written)

        promised(former, written)
        self.succeed(self.proved(account.device, "/repo/cards", written, kept))

    def card_unlike(self, line: Line, device: Device, name: str, *possible: Json | None) -> str:
        """What is wrong with a card: it is byte for byte one of these, or is not there where one is ``None``."""
        answer = self.ledger.ask(line, self.proved(device, "/repo/cards/list", {}))
        found = [one for one in answer.members.get("cards", ()) if one["id"] == name]
        there = {member: found[0][member] for member in ("id", "version", "sealed")} if found else None
        return "" if answer.code == "success" and there in possible else f"{answer.code}: {there}, not {possible}"

    def mint(self) -> None:
        if not self.accounts:
            return
        account = self.chance.choice(self.accounts)
        made = Identity(f"https://{self.chance.randbytes(8).hex()}.example")
        made.key = FastKey()

        def kept(members: Json) -> None:
            if not members["identity"]["minted"]:
                self.ledger.complain(f"not minted: {members}")
            made.uid = members["identity"]["uid"]
            account.identities.append(made)
            self.ledger.promise(("identity", made.uid), lambda line: self.no_longer(line, account.device, made))

        self.succeed(self.proved(account.device, "/repo/identities", made.wish(make_nonce(now())), kept))

    def no_longer(self, line: Line, device: Device, identity: Identity) -> str:
        """What is wrong with an identity: the repo has to co-sign for it, and sites to believe that."""
        nonce = make_nonce(now())
        question = {"uid": identity.uid, "origin": identity.origin, "nonce": nonce}
        answer = self.ledger.ask(line, self.proved(device, "/repo/cosign", question))
        if answer.code != "success":
            return f"co-signing gets {answer.code}"
        ours = answer.members["signed"]
        by_device = {"nonce": identity.key.jws({"nonce": nonce}), "key": identity.key.text}
        nonces = {"ad": by_device, "repo": {"nonce": ours["nonce"], "key": ours["key"]}}
        code = self.ledger.ask(line, validation({"uid": identity.uid, "nonces": nonces}, self.site)).code
        return "" if code == "success" else f"its payload gets {code}"

    def sign_in_with_the_repo(self) -> None:
        """As ``no_longer`` looks, in the midst of the load."""
        for account in self.accounts[-3:]:
            for identity in account.identities[-1:]:
                if trouble := self.no_longer(self.line, account.device, identity):
                    self.ledger.complain(f"identity: {trouble}")


class Account:
    """What one actor knows of an account: its first device, and what was acknowledged since."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.onekey: OneIDKey | None = None
        self.others: list[Device] = []
        self.cards: list[Json] = []
        self.identities: list[Identity] = []


class Operator:
    """Revokes sites and records on the command line, while the service is killed beside it."""

    def __init__(self, node: Node, ledger: Ledger, actors: list[Actor]) -> None:
        self.node, self.ledger, self.actors = node, ledger, actors

    def revoke_a_site(self) -> None:
        actor = next((actor for actor in self.actors if actor.spare_sites), None)
        if actor is None:
            return
        api_id = actor.spare_sites.pop()
        header = self.ledger.headers[api_id]
        self.ledger.withdraw(("site", api_id))
        self.done("sites", "revoke", api_id, "--yes")
        self.ledger.promise(("revoked site", api_id), lambda line: actor.unlike(line, header, "credentials_refused"))

    def revoke_a_record(self) -> None:
        actor = next((actor for actor in self.actors if actor.spare_people), None)
        if actor is None:
            return
        uid = actor.spare_people.pop()
        look = self.ledger.promises.get(("record", uid))
        self.ledger.withdraw(("record", uid))
        self.done("pins", "revoke", uid, "--all")
        self.ledger.promise(
            ("revoked record", uid),
            lambda line: "" if "('key_not_on_record', 'key_not_on_record')" in look(line) else "it signs in still",
        )

    def done(self, *line: str) -> None:
        ended = self.node.command(*line, check=False)
        self.ledger.counts[f"keychain {' '.join(line[:2])}: {ended.returncode}"] += 1
        if ended.returncode:
            self.ledger.complain(f"keychain {line}: {ended.stderr[-400:]}")
