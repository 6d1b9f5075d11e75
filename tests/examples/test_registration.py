"""Credentials of the example sites."""

import pytest

from examples.registration import connect
from oneid import OneID


@pytest.fixture(autouse=True)
def _through(monkeypatch, transport):
    """Every connection goes to the application itself."""
    made, register = OneID.__init__, OneID.register
    monkeypatch.setattr(OneID, "__init__", lambda self, *pair, **how: made(self, *pair, transport=transport))
    monkeypatch.setattr(OneID, "register", lambda **how: register(transport=transport))


def test_a_site_registers_once_and_keeps_its_credentials_to_itself(tmp_path):
    file = tmp_path / "shop_api_key.json"
    first, second = (connect(file, "http://127.0.0.1:8000") for _ in range(2))
    assert first.api_id == second.api_id
    assert file.stat().st_mode & 0o777 == 0o600
    assert second.make_nonce()


@pytest.mark.parametrize("kept", ["damaged", "{}", '{"API_ID": "unknown", "API_KEY": "refused"}'])
def test_credentials_that_do_not_hold_are_replaced(tmp_path, kept):
    file = tmp_path / "shop_api_key.json"
    file.write_text(kept)
    assert connect(file, "http://127.0.0.1:8000").make_nonce()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text() != kept
