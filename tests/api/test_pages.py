"""Every page and file that browsers get: addresses, headers, caching, and nothing in them that a policy would stop."""

import gzip
import hashlib
import re
from base64 import b64decode
from html.parser import HTMLParser

import pytest
from site_client import well_formed

from keychain.app import create_app
from keychain.settings import Settings
from keychain.store import engine, schema
from keychain.web import bundle, headers
from keychain.web.pages import INTEGRITY, pages

SERVED = bundle.read()
PAGES = pages(SERVED)
HTML = [path for path, page in PAGES.items() if page.content_type.startswith("text/html")]
OF_THIS_BUILD = [path for path in PAGES if f"/{SERVED.build}/" in path]
# What a page may do to its surroundings, said once more: the table in the code has to agree.
FRAMED_BY = {
    "/": "'none'", "/popup": "'none'", "/remote": "'none'", "/account": "'none'", "/verify": "'none'", "/frame": "*",
}  # fmt: skip
OPENED_BY = {
    "/": "same-origin", "/popup": "unsafe-none", "/remote": "same-origin", "/account": "same-origin",
    "/verify": "same-origin", "/frame": None,
}  # fmt: skip
# What has an address of its own, and not the build's.
ADDRESSES = {
    "index.html": "/",
    "popup/index.html": "/popup",
    "frame/index.html": "/frame",
    "remote/index.html": "/remote",
    "dashboard/index.html": "/account",
    "verify/index.html": "/verify",
    "remote/worker.js": "/remote/worker.js",
}


def directives(policy: str) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in policy.split(";"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    settings = Settings(data_dir=tmp_path_factory.mktemp("pages") / "data")
    store = engine.open_store(settings)
    schema.upgrade(store)
    yield create_app(settings, store=store).test_client()
    store.close()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_exactly_its_headers(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200
    assert answer.data == PAGES[path].content
    sent = dict(answer.headers)
    own = {"Content-Type", "Content-Length", "Date", "ETag", "Vary", "X-Request-Id"}
    assert {name: value for name, value in sent.items() if name not in own} == PAGES[path].headers
    assert "Set-Cookie" not in sent


@pytest.mark.parametrize("path", PAGES)
def test_every_page_forbids_what_it_does_not_need(browser, path):
    sent = browser.get(path).headers
    policy = directives(sent["Content-Security-Policy"])
    assert policy["default-src"] == "'none'"
    assert policy["base-uri"] == policy["form-action"] == "'none'"
    assert not re.search(
        r"unsafe|data:|blob:|http|\*", " ".join(policy[name] for name in policy if name != "frame-ancestors")
    )
    assert policy["frame-ancestors"] == FRAMED_BY.get(path, "'none'")
    assert sent.get("Cross-Origin-Opener-Policy") == OPENED_BY.get(path)
    assert ("X-Frame-Options" in sent) == (FRAMED_BY.get(path) == "'none'")
    assert sent["Referrer-Policy"] == "no-referrer"
    assert sent["X-Content-Type-Options"] == "nosniff"
    if "script-src" in policy:
        assert policy["require-trusted-types-for"] == "'script'"


@pytest.mark.parametrize("path", PAGES)
def test_a_kept_copy_is_asked_about_or_never_changes(browser, path):
    first = browser.get(path)
    if path in OF_THIS_BUILD:
        assert "immutable" in first.headers["Cache-Control"]
    elif first.headers["Cache-Control"] != "no-cache":
        assert re.fullmatch(r"public, max-age=(\d+)", first.headers["Cache-Control"])[1] == "300"
    again = browser.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    assert {name: again.headers[name] for name in PAGES[path].headers} == PAGES[path].headers
    assert browser.head(path).headers["ETag"] == first.headers["ETag"]
    assert browser.head(path).data == b""


@pytest.mark.parametrize("path", [path for path in PAGES if path != INTEGRITY])
def test_who_takes_gzip_gets_it_under_a_tag_of_its_own(browser, path):
    plain, zipped = browser.get(path), browser.get(path, headers={"Accept-Encoding": "gzip, br"})
    assert gzip.decompress(zipped.data) == plain.data
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    assert plain.headers["Vary"] == zipped.headers["Vary"] == "Accept-Encoding"
    refused = browser.get(path, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.written = ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def handle_data(self, text):
        if self.found and self.found[-1][0] in {"script", "style"}:
            self.written += text.strip()


@pytest.mark.parametrize("path", HTML)
def test_no_page_has_inline_code_or_leads_where_nothing_is(browser, path):
    elements = Elements(browser.get(path).text)
    assert elements.written == ""
    tags = [tag for tag, _ in elements.found]
    assert "style" not in tags
    for tag, attributes in elements.found:
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href") if tag != "a" else ():
            if name in attributes:
                assert browser.get(attributes[name]).status_code == 200, attributes[name]
    assert next(attributes for tag, attributes in elements.found if tag == "html")["lang"]


@pytest.mark.parametrize("path", [path for path in PAGES if path.endswith(".js")])
def test_every_module_that_is_imported_is_served(browser, path):
    script = browser.get(path).text
    for imported in re.findall(r'(?:from|import) "([^"]+)"|import\("([^"]+)"\)', script):
        target = next(filter(None, imported))
        assert target.startswith("."), "only relative addresses stay within a build"
        base = path.rsplit("/", 1)[0].split("/")
        for part in target.split("/"):
            base = base[:-1] if part == ".." else base if part == "." else [*base, part]
        assert browser.get("/".join(base)).status_code == 200, target


def test_the_build_is_named_after_the_content(tmp_path):
    (tmp_path / "oneid.js").write_text('const BUILD = "{{build}}";')
    (tmp_path / "notes.txt").write_text("not served")
    first = bundle.read(tmp_path)
    assert first.build.encode() in first.files["oneid.js"].content
    assert list(first.files) == ["oneid.js"]
    bundle.read.cache_clear()
    assert bundle.read(tmp_path).build == first.build
    (tmp_path / "oneid.js").write_text('const BUILD = "{{build}}"; ')
    bundle.read.cache_clear()
    assert bundle.read(tmp_path).build != first.build


def test_no_page_shows_where_the_build_goes(browser):
    assert not [path for path in PAGES if re.search(rb"{{(build|integrity)", browser.get(path).data)]


def test_what_the_shim_loads_later_is_named_with_its_hash(browser):
    shim = browser.get("/js/oneid.js").text
    parts = {f"shim/{part}.js" for part in bundle.SHIM_PARTS}
    assert parts == {path for path in SERVED.files if path.startswith("shim/")}
    for path in parts:
        later = browser.get(SERVED.address(path))
        assert SERVED.files[path].integrity in shim
        assert later.headers["Access-Control-Allow-Origin"] == "*"
        assert later.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("part", bundle.SHIM_PARTS)
def test_who_pinned_no_build_has_what_is_loaded_later_at_an_address_that_lasts(part, browser):
    lasting, of_this_build = browser.get(f"/oneid-{part}.js"), browser.get(SERVED.address(f"shim/{part}.js"))
    assert lasting.data == of_this_build.data
    assert lasting.headers["Cache-Control"] == browser.get("/js/oneid.js").headers["Cache-Control"]
    assert lasting.headers["Access-Control-Allow-Origin"] == "*"


def test_the_worker_may_serve_the_app_and_nothing_else(browser):
    sent = browser.get("/remote/worker.js").headers
    assert sent["Service-Worker-Allowed"] == "/remote"
    assert sent["Cache-Control"] == "no-cache"
    allowed = [path for path in PAGES if "Service-Worker-Allowed" in browser.get(path).headers]
    assert allowed == ["/remote/worker.js"]


def test_the_shim_is_the_same_at_each_of_its_addresses_and_for_every_origin(browser):
    addresses = ["/oneid.js", "/js/oneid.js", SERVED.address("oneid.js")]
    answers = [browser.get(path) for path in addresses]
    assert len({answer.data for answer in answers}) == 1
    assert {answer.headers["Access-Control-Allow-Origin"] for answer in answers} == {"*"}
    assert {answer.headers["Cross-Origin-Resource-Policy"] for answer in answers} == {"cross-origin"}


def test_another_build_is_not_answered_with_this_one(browser):
    for path in (f"/static/{SERVED.build[:-1]}x/site.css", "/static/../settings.py", "/static/site.css"):
        answer = browser.get(path)
        assert answer.status_code == 404
        well_formed(answer)


def test_published_hashes_are_those_of_what_is_served(browser):
    published = browser.get(INTEGRITY).get_json()
    assert published["build"] == SERVED.build
    for path, integrity in published["files"].items():
        algorithm, _, digest = integrity.partition("-")
        if path == "validation.html":
            continue  # served where the repo is not
        served = browser.get(ADDRESSES.get(path) or SERVED.address(path)).data
        assert hashlib.new(algorithm, served).digest() == b64decode(digest), path


def test_only_those_tables_of_headers_exist_that_a_page_uses():
    tables = {name for name in vars(headers) if name.isupper() and not name.startswith("_")}
    used = {name for name in tables if any(page.headers is vars(headers)[name] for page in PAGES.values())}
    assert used == tables


def test_each_half_alone_serves_a_page_that_leads_only_to_what_it_serves():
    validation, repo = pages(SERVED, "validation"), pages(SERVED, "repo")
    assert b"/popup" not in validation["/"].content
    assert b"oneid.js" not in validation["/"].content
    assert not {"/popup", "/frame", "/remote", "/account", "/remote/worker.js", "/js/oneid.js"} & set(validation)
    assert repo["/"] == repo["/popup"]
    assert {"/frame", "/js/oneid.js", INTEGRITY} <= set(repo)
