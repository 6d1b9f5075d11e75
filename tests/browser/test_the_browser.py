"""The browser of these tests is one that people have: else every other test here would prove nothing."""

import pytest

from tests.browser.chromium import ALLOWING, BLOCKING, STORAGELESS, UNPARTITIONED

pytestmark = pytest.mark.slow

WRITE = """async () => {
  localStorage.setItem("kept", "here");
  await new Promise((done, failed) => {
    const opening = indexedDB.open("kept");
    opening.onsuccess = () => { opening.result.close(); done(); };
    opening.onerror = () => failed(opening.error);
  });
}"""
READ = "async () => [localStorage.getItem('kept'), (await indexedDB.databases()).length]"
COOKIE = "() => { document.cookie = 'third=1; SameSite=None; Secure'; return document.cookie; }"
HERE, NOTHING = ["here", 1], [None, 0]


@pytest.fixture
def stored(pages, launch):
    """What a frame of one origin kept in a site, as read in the site, in another one and at the top."""
    pages.put("/inner", "<!doctype html><title>inner</title>")
    pages.put("/outer", f"<!doctype html><title>outer</title><iframe src='{pages.origin('id')}/inner'></iframe>")

    def read(kind) -> dict:
        page = launch(kind).new_context().new_page()
        page.goto(f"{pages.origin('shop')}/outer")
        page.frames[1].evaluate(WRITE)
        found = {"cookie": page.frames[1].evaluate(COOKIE)}
        for name in ("other", "shop"):
            page.goto(f"{pages.origin(name)}/outer")
            found[name] = page.frames[1].evaluate(READ)
        page.goto(f"{pages.origin('id')}/inner")
        found["top"] = page.evaluate(READ)
        page.context.close()
        return found

    return read


@pytest.mark.parametrize("kind", [BLOCKING, ALLOWING], ids=lambda kind: kind.name)
def test_storage_is_partitioned_by_site(kind, stored):
    found = stored(kind)
    assert found["shop"] == HERE
    assert found["other"] == found["top"] == NOTHING
    assert bool(found["cookie"]) is kind.third_party_cookies


def test_a_browser_without_partitions_shows_every_frame_the_same_storage(stored):
    found = stored(UNPARTITIONED)
    assert found["shop"] == found["other"] == found["top"] == HERE


def test_a_browser_may_give_a_frame_no_storage_at_all(pages, launch):
    pages.put("/inner", "<!doctype html><title>inner</title>")
    pages.put("/outer", f"<!doctype html><title>outer</title><iframe src='{pages.origin('id')}/inner'></iframe>")
    page = launch(STORAGELESS).new_context().new_page()
    page.goto(f"{pages.origin('shop')}/outer")
    assert page.frames[1].evaluate(f"() => ({WRITE})().catch((error) => error.name)") == "SecurityError"
    page.context.close()


@pytest.mark.parametrize("kind", [BLOCKING, ALLOWING], ids=lambda kind: kind.name)
def test_a_window_opens_in_a_click_and_only_there(kind, pages, launch):
    pages.put("/opens", "<!doctype html><script>document.title = String(window.open('/inner') === null)</script>")
    pages.put("/clicked", "<!doctype html><button onclick=\"window.open('/inner', 'w')\">open</button>")
    pages.put("/inner", "<!doctype html><title>inner</title>")
    page = launch(kind).new_context().new_page()
    page.goto(f"{pages.origin()}/opens")
    assert page.title() == "true"
    page.goto(f"{pages.origin()}/clicked")
    with page.expect_popup() as opened:
        page.click("button")
    assert opened.value.evaluate("window.opener !== null")
    page.context.close()
