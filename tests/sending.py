"""Asking by ``send_2fa``, for tests: a site's server that waits for an answer, and the person whom it asks.

A test file imports all five fixtures, each under its own name (``from sending import site as site``): other files have
others so named, and these need each other.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest
from confirming import Asked
from device import Device, over_wsgi
from flask import Flask
from site_client import SiteClient

from keychain.app import create_app

MESSAGE = "Open the garage?"


@pytest.fixture
def make_app(config, store, clock):
    def make(patience: float = 20, **changed) -> Flask:
        return create_app(replace(config, **changed), clock=clock, store=store, patience=patience)

    return make


@pytest.fixture
def site(make_app, clock) -> SiteClient:
    return SiteClient.registered(make_app(), clock)


@pytest.fixture
def asked(site, clock) -> Asked:
    return Asked(Device(over_wsgi(site.app), clock).sign_up())


@pytest.fixture
def token(asked) -> str:
    return asked.frame.do("/repo/cosign", asked.frame.question())["signed"]["two_factor_token"]


@pytest.fixture
def pool():
    with ThreadPoolExecutor(8) as threads:
        yield threads


def send(site: SiteClient, token, path: str = "/repo/send_2fa", **members):
    return site.ask(path, {"two_factor_token": token, "message": MESSAGE} | members)


def shown(phone) -> list:
    """What the phone is asked by a server, once it is."""
    deadline = time.monotonic() + 10
    while not (found := [element for element in phone.pending() if element["kind"] == "send_2fa"]):
        assert time.monotonic() < deadline, "nobody asked"
        time.sleep(0.01)
    return found


def answered(sending: Future) -> dict:
    return sending.result(20).get_json()


def code(sending: Future) -> str:
    return answered(sending).get("code", "success")


def cosigned(asked: Asked, nonce: str | None = None) -> dict:
    question = asked.frame.question() if nonce is None else asked.frame.question(nonce=nonce)
    return asked.frame.do("/repo/cosign", question)["signed"]
