"""Asking a person on the phone, for tests: a site's frame that asks, and a phone with its control keys on record."""

from typing import Any

from authenticator import Json
from device import Device, Frame, Phone, Prover

WORDS = "Pay $40 to Ann?"


class Asked:
    """One account with a frame of one site and a phone."""

    def __init__(self, device: Device) -> None:
        self.device, self.frame = device, device.frame()
        self.phone: Phone = device.connect_phone().pin_all()


def wish(frame: Frame, **changed: Any) -> Json:
    question = {"kind": "confirm", "level": "OOB", "title": "", "message": WORDS, "shows_number": True}
    return frame.question() | question | changed


def ask(frame: Frame, **changed: Any) -> Json:
    """A confirmation that waits."""
    asked: Json = frame.do("/repo/confirmations", wish(frame, **changed))["confirmation"]
    return asked


def ask_code(frame: Frame, **changed: Any) -> str:
    return frame.code("/repo/confirmations", wish(frame, **changed))


def result(asker: Prover, asked: Json) -> Json:
    told: Json = asker.do("/repo/confirmations/result", {"confirmation": asked["id"]})["confirmation"]
    return told


def state(asker: Prover, asked: Json) -> str:
    return str(result(asker, asked)["state"])


def payload(frame: Frame, told: Json, nonce: str) -> Json:
    """What the site gets of an approved confirmation."""
    by_device = {"nonce": frame.identity.key.jws({"nonce": nonce}), "key": frame.identity.key.text}
    by_repo = {name: told["signed"][name] for name in ("nonce", "key")}
    return {"uid": told["signed"]["uid"], "nonces": {"ad": by_device, "repo": by_repo, "cd": told["cd"]}}
