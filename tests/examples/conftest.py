"""The example sites at the real service, and browsers that visit them: no port, no stand-in."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from authenticator import Person
from conftest import building, opening

from examples import other, shop
from keychain import settings
from keychain.settings import Settings
from oneid import OneID

SERVICE = "http://id.localhost:8000"
SHOP = "http://shop.localhost:8001"
OTHER = "http://other.localhost:8002"
SESSION = "session"


class Browser:
    """A browser at one site: it keeps cookies, and says which page asks, as browsers do."""

    def __init__(self, app, origin: str) -> None:
        self.origin = origin
        self.client = app.test_client()

    def get(self, path: str, **how):
        return self.client.get(path, base_url=self.origin, buffered=True, **how)

    def post(self, path: str, headers=None, **how):
        said = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"} if headers is None else headers
        return self.client.post(path, base_url=self.origin, headers=said, **how)

    def text(self, path: str) -> str:
        return self.get(path, follow_redirects=True).text

    @property
    def cookie(self) -> str | None:
        kept = self.client.get_cookie(SESSION, domain=self.origin.partition("//")[2].partition(":")[0])
        return kept.value if kept else None

    def be(self, cookie: str) -> None:
        """Come with a cookie that somebody planted, or kept."""
        self.client.set_cookie(SESSION, cookie, domain=self.origin.partition("//")[2].partition(":")[0])

    def nonce(self) -> str:
        return self.post("/nonce").json["nonce"]

    def bring(self, payload, nonce: str):
        """What the browser library does by script."""
        return self.post("/auth", query_string={"nonce": nonce}, json=payload)

    def bring_by_form(self, payload, nonce: str):
        """What it does by a form."""
        return self.post("/auth/form", query_string={"nonce": nonce}, data={"json_data": json.dumps(payload)})

    def sign_in(self, person: Person, **members):
        nonce = self.nonce()
        answer = self.bring(person.payload(None, nonce=nonce) | members, nonce)
        assert answer.json == {"error": "success", "errorcode": 0, "url": "/account"}, answer.json
        return answer

    def be_guest(self, name: str) -> None:
        assert self.post("/guest", data={"name": name}).location == "/account"


@pytest.fixture(scope="session")
def config() -> Iterator[Settings]:
    """One database is enough here: the service on the other one is tested elsewhere."""
    with tempfile.TemporaryDirectory() as folder:
        yield settings.read({}, data_dir=Path(folder, "data"))


@pytest.fixture(scope="session")
def opened(config):
    """Of this folder's own: what is kept for a session does not ask which ``config`` it was made with."""
    yield from opening(config)


@pytest.fixture(scope="session")
def built(config, opened):
    return building(config, opened)


@pytest.fixture
def transport(app) -> httpx.WSGITransport:
    return httpx.WSGITransport(app)


@pytest.fixture
def keychain(transport) -> OneID:
    credentials = OneID.register(transport=transport)
    return OneID(credentials.api_id, credentials.api_key, transport=transport)


@pytest.fixture
def shop_app(keychain, tmp_path, clock):
    return shop.create_app(
        keychain, service=SERVICE, origin=SHOP, database=tmp_path / "shop.db", clock=lambda: clock().timestamp()
    )


@pytest.fixture
def visitor(shop_app):
    """``visitor()``: somebody's browser at the shop."""
    return lambda: Browser(shop_app, SHOP)


@pytest.fixture
def browser(visitor) -> Browser:
    return visitor()


@pytest.fixture
def book(keychain) -> Browser:
    """A browser at the other site."""
    return Browser(other.create_app(keychain, service=SERVICE, origin=OTHER), OTHER)
