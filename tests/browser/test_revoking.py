"""A device that was revoked is over at once: its frames sign nobody in, and the next click opens the window."""

import pytest
from playwright.sync_api import expect

from tests.browser.person import Popup

pytestmark = pytest.mark.slow

SIGN_IN = {"challenge": {"callback": "/callback"}}
# Until there is a page for it: another device of the account, in its popup, with the popup's own modules.
REVOKE_OTHERS = """async (build) => {
  const take = (path) => import(`/static/${build}/${path}`);
  const { openAccounts, signer } = await take("shared/accounts.js");
  const { call } = await take("shared/repo.js");
  const [account] = await (await openAccounts()).all();
  const { devices } = await call("/repo/devices/list", {}, signer(account));
  const others = devices.filter(({ current }) => !current);
  for (const { id } of others) await call("/repo/devices/revoke", { device: id }, signer(account));
  return others.length;
}"""


@pytest.fixture
def revoke(site, service, make_context):
    """``revoke(key)``: come to another browser with the OneID Key, and revoke all devices but that one there."""

    def revoked(key):
        context = make_context()
        visit = site.visit(context, "elsewhere")
        call, page = visit.open("signin", SIGN_IN)
        Popup(page).recover(key).consent()
        call.value()
        page = context.new_page()
        page.goto(f"{service.origin}/popup")
        return page.evaluate(REVOKE_OTHERS, visit.get("buildVersion"))

    return revoked


def test_a_revoked_device_is_over_at_every_site_at_once(site, context, revoke):
    shop, other = site.visit(context), site.visit(context, "other")
    call, page = shop.open("signin", SIGN_IN)
    key = Popup(page).sign_up_with_key()
    call.value()
    call, page = other.open("signin", SIGN_IN)
    Popup(page).consent()
    call.value()
    assert revoke(key) == 1
    reached = len(site.pages.callbacks())
    for visit in (shop, other):
        assert visit.get("enabled") is True  # the frame does not know yet; the repo does
        call, page = visit.open("signin", SIGN_IN)
        popup = Popup(page).at("choose")
        expect(page.locator("#accounts")).to_contain_text("No longer usable in this browser")
        assert visit.get("enabled") is False
        popup.cancel()
        assert call.value() is None
    assert len(site.pages.callbacks()) == reached


def test_the_oneid_key_brings_a_revoked_browser_back_as_the_same_person(site, context, revoke):
    visit = site.visit(context)
    call, page = visit.open("signin", SIGN_IN)
    key = Popup(page).sign_up_with_key()
    call.value()
    uid = site.pages.callbacks()[-1]["uid"]
    revoke(key)
    call, page = visit.open("signin", SIGN_IN)
    Popup(page).at("choose").act("have-key").at("recover").enter_key(key).consent()
    assert call.value() == {"error": "success"}
    assert site.pages.callbacks()[-1]["uid"] == uid
