"""How long the faults go on: a short form by default, the long one by ``make faults``."""

import random

import pytest

_DICE = random.SystemRandom().randrange(2**32)
_OPTIONS = {
    "--rounds": (4, "How often a loaded service is killed."),
    "--races": (300, "How often two nodes get the same payload at once."),
    "--seed": (_DICE, "The dice of a run before, as it printed them."),
}


def pytest_addoption(parser):
    faults = parser.getgroup("faults")
    for name, (default, meaning) in _OPTIONS.items():
        faults.addoption(name, type=int, default=default, help=meaning)
    faults.addoption("--long", action="store_true", help="Outages of 30 seconds, and power cuts at every moment.")


def option(config, name):
    """An option, where this file was read too late for the command line to know it as well."""
    return config.getoption(name, _OPTIONS.get(name, (False,))[0])


@pytest.fixture(scope="session")
def seed(request) -> int:
    return option(request.config, "--seed")


@pytest.fixture(scope="session")
def rounds(request) -> int:
    return option(request.config, "--rounds")


@pytest.fixture(scope="session")
def long(request) -> bool:
    return option(request.config, "--long")
