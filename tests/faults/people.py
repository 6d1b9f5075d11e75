"""People who sign in at a node, and sites that ask about them: what they do, and what they are promised by it.

Keys of theirs sign with ``cryptography``, because this is load; that two implementations agree is shown elsewhere.
"""

import base64
import json
import random
from datetime import UTC, datetime
from typing import Any

from authenticator import Key, Person, b64url, new_uid

from keychain.jose.jwk import PrivateKey
from tests.faults.ledger import UNDECIDED, Ledger, Once
from tests.faults.lines import Answer, Json, Line, Request
from tests.faults.nodes import Node

SPENT = frozenset({"replayed_nonce"})
REPEATED = frozenset({"repeated_request"})
# Of people whose keys may have been revoked since; and what is not good for longer than a minute anyway.
SPENT_OR_GONE = SPENT | {"key_not_on_record", "record_change_refused"}
SEEN = frozenset({"replayed_proof", "signer_revoked", "proof_not_fresh"})
KNOWN_PEOPLE = 12  # whom one actor signs in again and again; their keys are never revoked


class FastKey(Key):
    """A key of a test that signs with ``cryptography``, a hundred times as fast; for load, not for agreement."""

    def __init__(self) -> None:
        self.private = PrivateKey()
        self.raw = self.private.public.raw

    def sign(self, signing_input: bytes) -> bytes:
        return self.private.sign(signing_input)


class FastPerson(Person):
    """A person with such keys."""

    def __init__(self, *roles: str) -> None:
        self.uid = new_uid()
        self.keys = {role: FastKey() for role in roles or ("ad", "repo")}


def now() -> datetime:
    return datetime.now(UTC)


def basic(api_id: str, api_key: str) -> Json:
    """The header that authenticates a site."""
    return {"Authorization": "Basic " + base64.b64encode(f"{api_id}:{api_key}".encode()).decode()}


def validation(payload: Json, site: Json, kind: str = "validation", again: frozenset = SPENT, **options: Any) -> Once:
    """A payload, to be validated once. ``site``: its header; ``again``: how a second one is refused."""
    return Once(Request("/validate", json.dumps(payload).encode(), site), kind, refused_as=again, **options)


class Signer:
    """One who signs in at sites, for many people. Nobody else touches them, nor its connections."""

    def __init__(self, node: Node, ledger: Ledger, chance: random.Random) -> None:
        self.node, self.ledger, self.chance = node, ledger, chance
        self.line, self.other = Line(node.port), Line(node.port)
        self.site: Json = {}
        self.people: list[Person] = []
        self.changing: list[tuple[Person, bool]] = []  # whether the phone is on record
        self.spare_sites: list[str] = []  # for the operator to revoke
        self.spare_people: list[str] = []

    def leave(self) -> None:
        """Hang up."""
        self.line.close()
        self.other.close()

    def succeed(self, once: Once) -> bool:
        """Ask, and complain of whatever is not a success: all that is asked here deserves one."""
        answer = self.ledger.ask(self.line, once)
        return self.deserved(answer, once.kind)

    def deserved(self, answer: Answer, what: str) -> bool:
        if answer.code not in UNDECIDED | {"success"}:
            self.ledger.complain(f"{what} is refused: {answer.members}")
        return answer.code == "success"

    def register(self) -> None:
        answer = self.ledger.ask_freely(self.line, Request("/register", method="GET"))
        if not self.deserved(answer, "a registration"):
            return
        api_id, header = answer.members["API_ID"], basic(answer.members["API_ID"], answer.members["API_KEY"])
        self.ledger.promise(("site", api_id), lambda line: self.unlike(line, header, "success"))
        if not self.site:
            self.site = header  # which is never revoked
        else:
            self.spare_sites.append(api_id)
            self.ledger.headers[api_id] = header

    def unlike(self, line: Line, header: Json, code: str) -> str:
        found = self.ledger.ask_freely(line, Request("/make_nonce", headers=header, method="GET")).code
        return "" if found == code else f"its credentials get {found}"

    def come_for_the_first_time(self) -> None:
        person = FastPerson()

        def kept(members: Json) -> None:
            self.ledger.promise(("record", person.uid), lambda line: self.off_the_record(line, person))
            if members.get("first_use") is not True:
                self.ledger.complain(f"a first use is none: {members}")
            if len(self.people) < KNOWN_PEOPLE:
                self.people.append(person)
            elif self.chance.random() < 0.5:
                self.changing.append((person, False))
            else:
                self.spare_people.append(person.uid)

        self.succeed(validation(person.payload(now()), self.site, "first use", SPENT_OR_GONE, kept=kept))

    def off_the_record(self, line: Line, person: Person) -> str:
        """What is wrong with a record: it has to take its keys, and no other."""
        payload = person.payload(now(), roles=("ad", "repo"))
        right = self.ledger.ask(line, validation(payload, self.site, "looking", SPENT_OR_GONE))
        stranger = FastPerson()
        stranger.uid, stranger.keys["repo"] = person.uid, person.keys["repo"]
        wrong = self.ledger.ask(line, validation(stranger.payload(now()), self.site, "wrong key"))
        found = (right.code, wrong.code)
        return "" if found == ("success", "key_not_on_record") else f"right and wrong keys get {found}"

    def sign_in(self) -> None:
        payload, again = self.chance.choice(self.people).payload(now()), SPENT
        if self.chance.random() < 0.3:
            payload["request"], again = b64url(self.chance.randbytes(16)), REPEATED
        self.succeed(validation(payload, self.site, again=again))

    def sign_in_twice_at_once(self) -> None:
        payload = self.chance.choice(self.people).payload(now())
        self.ledger.ask_both(self.line, self.other, validation(payload, self.site, "twice at once"))

    def change_a_record(self) -> None:
        """Put a phone on somebody's record, or take it off, as two roles on record sign it."""
        if not self.changing:
            return
        person, has_phone = self.changing.pop(0)
        if not has_phone:
            person.keys["cd"] = FastKey()
        phone = person.keys["cd"]
        key = ("phone", person.uid, phone.thumbprint)
        self.ledger.withdraw(key)

        def kept(_members: Json) -> None:
            code = "key_not_on_record" if has_phone else "success"
            self.ledger.promise(key, lambda line: self.phone_unlike(line, person, phone, code))
            self.changing.append((person, not has_phone))

        roles = ("ad", "repo") if has_phone else ("ad", "repo", "cd")
        wish = {"unpins" if has_phone else "pins": {"cd": phone.thumbprint}}
        self.succeed(
            validation(person.payload(now(), roles=roles, **wish), self.site, "change", SPENT_OR_GONE, kept=kept)
        )

    def phone_unlike(self, line: Line, person: Person, phone: Key, code: str) -> str:
        signer = FastPerson()
        signer.uid, signer.keys = person.uid, {"repo": person.keys["repo"], "cd": phone}
        found = self.ledger.ask(line, validation(signer.payload(now()), self.site, "by phone", SPENT_OR_GONE)).code
        return "" if found == code else f"repo and phone get {found}, not {code}"
