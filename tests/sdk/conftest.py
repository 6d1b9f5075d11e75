"""Every promise is tried on both drivers; nobody waits for a pause; the tester's own environment is not read."""

from collections.abc import Callable
from typing import Any

import pytest

from oneid import OneID, exchange, operations, site
from tests.sdk.playing import API_ID, API_KEY, SERVER, Blocking, Outcome, Service


@pytest.fixture(params=[OneID, Blocking], ids=["blocking", "asyncio"])
def kind(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def play(kind: Any) -> Callable[..., tuple[Any, Service]]:
    """``play(outcome, ...)``: a site of either kind, and the service that plays to it."""

    def played(*outcomes: Outcome) -> tuple[Any, Service]:
        service = Service(*outcomes)
        return kind(API_ID, API_KEY, server=SERVER, transport=service.transport), service

    return played


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("ONEID_SERVER", "ONEID_REPO", "ONEID_API_ID", "ONEID_API_KEY", "ONEID_API_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    for module in (exchange, operations):
        monkeypatch.setattr(module, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(site, "_site", None)
