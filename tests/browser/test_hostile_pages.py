"""Pages that mean harm: forged messages of every type from the wrong place, framing, nesting, texts that bite."""

import pytest
from playwright.sync_api import expect

from tests.browser.person import Popup
from tests.browser.sites import OPAQUE

pytestmark = pytest.mark.slow

SIGN_IN = {"challenge": {"callback": "/callback"}}
# Every type of message there is, each in a form that the right sender could have given it.
FORGED = """
function forged() {
  const state = { enabled: true, signedIn: true, silent: true, storage: true, id: "AAAAAAAAAAAAAAAAAAAAAA" };
  const request = { name: "signin", attr: "", nonce: null, frame: null, id: null, silent: false, label: "forged" };
  const payload = { uid: "AAAAAAAAAAAAAAAAAAAAAA==", nonces: {} };
  return [
    { type: "connect" }, { type: "ready" }, { type: "request", request },
    { type: "bundle", id: state.id, origin: location.origin, bundle: { uid: payload.uid, silent: true } },
    { type: "state", state }, { type: "call", call: 1, name: "signin", args: {} },
    { type: "answer", call: 1, value: payload }, { type: "answer", call: 0, value: payload },
    { type: "done", value: { payload } }, { type: "done", value: {} },
    { type: "cancelled" }, { type: "failed", error: "forged" }, { type: "stored" }, { type: "unstorable" },
  ].map((message) => ({ oneid: 1, ...message }));
}
const got = [];
function forge(target) {
  for (const message of forged()) {
    for (const ported of [true, false]) {
      const channel = new MessageChannel();
      channel.port1.onmessage = ({ data }) => got.push(data);
      target.postMessage(message, "*", ported ? [channel.port2] : []);
    }
  }
}
window.addEventListener("message", ({ data }) => { if (data?.oneid) got.push(data); });
"""
# So that a page of ours has the window that the shim opened, as a page with the same thought could.
KEPT = """<script>
const open = window.open;
window.open = (...given) => { window.opened = open.apply(window, given); return window.opened; };
</script>"""
# What was posted before this has arrived by then: tasks of one source are run in their order.
SETTLED = "() => new Promise((resolve) => setTimeout(resolve, 200))"


@pytest.fixture
def evil(site):
    """The address of a hostile page that can be framed, and forges at whatever window it is told to."""
    site.pages.put("/evil", f"<!doctype html><title>evil</title><script>{FORGED}</script>")
    return f"{site.pages.origin('evil')}/evil"


def frame_of(page, url):
    return next(frame for frame in page.frames if frame.url == url)


def test_forged_messages_from_a_frame_in_the_page_change_nothing_in_the_service_frame(site, context, evil):
    path = site.put("/ads", body=f"<iframe src='{evil}'></iframe>")
    visit = site.visit(context, path=path)
    visit.ready()
    hostile = frame_of(visit.page, evil)
    hostile.evaluate(
        """() => {
          for (let i = 0; i < parent.frames.length; i += 1) if (parent.frames[i] !== window) forge(parent.frames[i]);
        }"""
    )
    visit.page.evaluate(SETTLED)
    assert hostile.evaluate("got") == []
    assert visit.get("enabled") is False
    call, page = visit.open("signin", SIGN_IN)
    Popup(page).sign_up()
    assert call.value() == {"error": "success"}


def test_forged_messages_from_a_frame_in_the_page_change_nothing_in_the_shim(site, context, evil):
    path = site.put("/ads", body=f"<iframe src='{evil}'></iframe>")
    visit = site.visit(context, path=path)
    visit.ready()
    hostile = frame_of(visit.page, evil)
    call, page = visit.open("signin", SIGN_IN)
    hostile.evaluate("() => forge(parent)")
    visit.page.evaluate(SETTLED)
    assert hostile.evaluate("got") == []
    assert visit.get("enabled") is False
    assert visit.page.evaluate("heard[0].over") is False
    Popup(page).sign_up()
    assert call.value() == {"error": "success"}
    payload = site.pages.callbacks()[0]
    assert payload["uid"] != "AAAAAAAAAAAAAAAAAAAAAA=="


def test_forged_messages_from_the_page_itself_do_not_reach_behind_the_first_connect(site, context):
    """The site is the hostile one: it may ask for what every site may, and no more."""
    path = site.put("/self", script=FORGED)
    visit = site.visit(context, path=path)
    visit.ready()
    visit.page.evaluate("() => { for (let i = 0; i < frames.length; i += 1) forge(frames[i]); }")
    visit.page.evaluate(SETTLED)
    assert visit.page.evaluate("got") == []
    assert visit.get("enabled") is False


def test_forged_messages_to_the_popup_change_nothing(site, context):
    """From a window that is not its opener, though of the same site, and before the site itself has asked."""
    deaf = """<script>
    let deaf = true; // so the shim does not hear that the popup is ready, and a forger comes first
    window.addEventListener("message", (event) => {
      if (deaf && event.data?.type === "ready") event.stopImmediatePropagation();
    }, { capture: true });
    </script>"""
    path = site.put("/deaf", head=KEPT + deaf, body=f"<iframe id=twin srcdoc='<script>{FORGED}</script>'></iframe>")
    visit = site.visit(context, path=path)
    call, page = visit.open("signin", SIGN_IN)
    popup = Popup(page).at("connecting")
    visit.page.evaluate("() => document.getElementById('twin').contentWindow.forge(opened)")
    page.evaluate(SETTLED)
    assert visit.page.evaluate("() => document.getElementById('twin').contentWindow.eval('got')") == []
    assert not page.is_closed()
    assert popup.screen == "connecting"
    visit.page.evaluate("() => { deaf = false; }")
    page.reload()
    popup.sign_up()
    assert call.value() == {"error": "success"}


def test_a_second_request_from_the_opener_is_ignored(site, context):
    path = site.put("/twice", head=KEPT, script=FORGED)
    visit = site.visit(context, path=path)
    call, page = visit.open("signin", SIGN_IN)
    popup = Popup(page).at("welcome")
    visit.page.evaluate("() => forge(opened)")
    page.evaluate(SETTLED)
    assert visit.page.evaluate("got.filter(({ type }) => type !== 'ready')") == []
    popup.sign_up()
    assert call.value() == {"error": "success"}


def test_a_request_is_asked_about_under_the_name_that_the_browser_tells(site, known):
    """A hostile site can ask, but only as itself: the origin on the screen is the browser's word."""
    call, page = site.visit(known, "evil").open("signin", SIGN_IN)
    popup = Popup(page).at("consent")
    expect(popup.page.locator("#screen")).to_contain_text(f"evil.localhost:{site.pages.port}")
    popup.cancel()
    assert call.value() is None


@pytest.mark.parametrize("path", ["/popup", "/"])
def test_no_page_but_the_frame_can_be_framed(path, site, service, context):
    site.pages.put("/framing", f"<!doctype html><iframe src='{service.origin}{path}'></iframe>")
    page = context.new_page()
    page.goto(f"{site.pages.origin('evil')}/framing")
    while page.frames[1].url != "chrome-error://chromewebdata/":  # its own process says so, sooner or later
        assert page.frames[1].url in {"", "about:blank"}
        page.wait_for_timeout(20)


CONNECT = """(ms) => new Promise((resolve) => {
  const channel = new MessageChannel();
  channel.port1.onmessage = ({ data }) => resolve(data.type);
  frames[0].postMessage({ oneid: 1, type: "connect" }, "*", [channel.port2]);
  setTimeout(resolve, ms, "nothing");
})"""


def test_a_frame_that_is_nested_two_deep_refuses(site, service, context):
    site.pages.put("/middle", f"<!doctype html><iframe src='{service.origin}/frame'></iframe>")
    site.pages.put("/nesting", f"<!doctype html><iframe src='{site.pages.origin('shop')}/middle'></iframe>")
    page = context.new_page()
    page.goto(f"{site.pages.origin('shop')}/middle")
    assert page.evaluate(CONNECT, 30_000) == "state"
    page.goto(f"{site.pages.origin('evil')}/nesting")
    assert page.frames[1].evaluate(CONNECT, 1000) == "nothing"


HAND_OVER = """async () => {
  const heard = [];
  const { port1, port2 } = new MessageChannel();
  const state = new Promise((resolve) => {
    port1.onmessage = ({ data }) => { heard.push(data); resolve(data.state); };
  });
  frames[0].postMessage({ oneid: 1, type: "connect" }, "*", [port2]);
  const { id } = await state;
  const make = () => crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  const [ad, session] = await Promise.all([make(), make()]);
  const texts = { uid: "AAAAAAAAAAAAAAAAAAAAAA==", adPublic: "A".repeat(86), session: "A".repeat(43) };
  const bundle = { ...texts, adKey: ad.privateKey, sessionKey: session.privateKey, silent: true };
  const answered = new MessageChannel();
  answered.port1.onmessage = ({ data }) => heard.push(data);
  const message = { oneid: 1, type: "bundle", id, origin: location.origin, bundle };
  frames[0].postMessage(message, "*", [answered.port2]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  return heard;
}"""


def test_keys_come_into_a_frame_from_the_service_alone(site, service, context):
    """A site that knows the frame's one-time id, and all the forms, can still not give it keys."""
    site.pages.put("/middle", f"<!doctype html><iframe src='{service.origin}/frame'></iframe>")
    page = context.new_page()
    page.goto(f"{site.pages.origin('shop')}/middle")
    (first,) = page.evaluate(HAND_OVER)
    assert first["state"]["storage"] is True
    assert first["state"]["enabled"] is False


def test_a_second_connect_is_ignored(site, service, context):
    site.pages.put("/middle", f"<!doctype html><iframe src='{service.origin}/frame'></iframe>")
    page = context.new_page()
    page.goto(f"{site.pages.origin('shop')}/middle")
    assert page.evaluate(CONNECT, 30_000) == "state"
    assert page.evaluate(CONNECT, 1000) == "nothing"


def test_a_page_without_an_origin_is_refused(site, service, context):
    """A sandboxed page has the origin "null", as has one in a data: address: nobody could say who is asking."""
    site.pages.put("/opaque", f"<!doctype html><script>{site.asking()}</script>", Content_Security_Policy=OPAQUE)
    page = context.new_page()
    page.goto(f"{site.pages.origin('shop')}/opaque")
    with page.expect_popup() as opened:
        page.evaluate("ask()")
    Popup(opened.value).at("refused")
    framing = f"<!doctype html><iframe src='{service.origin}/frame'></iframe>"
    site.pages.put("/middle", framing, Content_Security_Policy=OPAQUE)
    page = context.new_page()
    page.goto(f"{site.pages.origin('shop')}/middle")
    assert page.evaluate(CONNECT, 1000) == "nothing"


def test_the_service_itself_is_no_site_to_sign_in_to(site, service, context):
    """Whoever could put a page there would have every key under it."""
    page = context.new_page()
    page.goto(f"{service.origin}/popup")
    Popup(page).at("alone")
    with page.expect_popup() as opened:
        page.evaluate(f"() => {{ {site.asking()} ask(); }}")
    Popup(opened.value).at("refused")
