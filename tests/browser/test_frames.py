"""The frame: one site's keys in one browser, and nobody else's; with partitions, without them, and without storage."""

import pytest

from tests.browser.chromium import ALLOWING, BLOCKING, STORAGELESS, UNPARTITIONED
from tests.browser.person import Popup

pytestmark = pytest.mark.slow

SIGN_IN = {"challenge": {"callback": "/callback"}}
KINDS = pytest.mark.parametrize("kind", [BLOCKING, ALLOWING, UNPARTITIONED], ids=lambda kind: kind.name)
# All that a frame has filed, as the frame itself can read it: the names of its records, whatever the store.
FILED = """async () => {
  const names = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((resolve, reject) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    for (const store of database.objectStoreNames) {
      const asking = database.transaction(store).objectStore(store).getAllKeys();
      names.push(...await new Promise((resolve) => { asking.onsuccess = () => resolve(asking.result); }));
    }
    database.close();
  }
  return names;
}"""


def sign_up(visit, **how):
    call, page = visit.ready().open("signin", SIGN_IN)
    Popup(page).sign_up(**how)
    assert call.value() == {"error": "success"}


@KINDS
def test_the_second_sign_in_needs_no_window_and_the_payload_validates(kind, site, service, make_context):
    context = make_context(kind)
    site.visit(context).know()
    visit = site.visit(context)  # a new page, as after a reload
    visit.ready()
    assert visit.get("enabled") is True
    pages = len(context.pages)
    assert visit.call("signin", SIGN_IN).value() == {"error": "success"}
    assert len(context.pages) == pages
    first, second = site.pages.callbacks()
    assert first["uid"] == second["uid"]
    assert first["nonces"]["ad"]["key"] == second["nonces"]["ad"]["key"]
    for payload in (first, second):
        assert service.validate(payload)["valid_signatures"] == ["ad", "repo"]


@KINDS
def test_another_site_has_another_uid_and_other_keys(kind, site, make_context):
    context = make_context(kind)
    site.visit(context).know()
    other = site.visit(context, "other")
    call, page = other.open("signin", SIGN_IN)
    Popup(page).at("consent").consent()
    assert call.value() == {"error": "success"}
    here, there = site.pages.callbacks()
    assert here["uid"] != there["uid"]
    assert here["nonces"]["ad"]["key"] != there["nonces"]["ad"]["key"]
    assert here["nonces"]["repo"]["key"] != there["nonces"]["repo"]["key"]


@KINDS
def test_the_frame_of_one_site_can_not_use_the_key_of_another(kind, site, make_context):
    context = make_context(kind)
    shop = site.visit(context)
    shop.know()
    origin = site.pages.origin("shop")
    assert origin in shop.frame().evaluate(FILED)
    other = site.visit(context, "other")
    # Without partitions the other site's frame does see the record: then the filing by origin alone keeps them apart.
    assert (origin in other.frame().evaluate(FILED)) is not kind.partitioned
    assert other.get("enabled") is other.get("signedIn") is False
    call, page = other.open("signin", SIGN_IN)  # so the window opens, as for any site that is new
    Popup(page).at("consent").cancel()
    assert call.value() is None
    assert len(site.pages.callbacks()) == 1


@KINDS
def test_two_sites_of_one_storage_keep_a_key_each(kind, site, make_context):
    context = make_context(kind)
    site.visit(context).know()
    other = site.visit(context, "other")
    call, page = other.open("signin", SIGN_IN)
    Popup(page).at("consent").consent()
    assert call.value() == {"error": "success"}
    for name in ("shop", "other"):
        again = site.visit(context, name)
        again.ready()
        assert again.call("signin", SIGN_IN).value() == {"error": "success"}
    shop, there, shop_again, there_again = (payload["uid"] for payload in site.pages.callbacks())
    assert shop == shop_again != there == there_again


def test_a_key_in_a_frame_can_be_read_by_no_script(site, context):
    shop = site.visit(context)
    shop.know()
    extractable = shop.frame().evaluate(
        """async () => {
          const { name } = (await indexedDB.databases())[0];
          const database = await new Promise((resolve) => {
            const opening = indexedDB.open(name);
            opening.onsuccess = () => resolve(opening.result);
          });
          const store = database.objectStoreNames[0];
          const asking = database.transaction(store).objectStore(store).getAll();
          const [bundle] = await new Promise((resolve) => { asking.onsuccess = () => resolve(asking.result); });
          const keys = Object.values(bundle).filter((value) => value instanceof CryptoKey);
          return keys.map((key) => [key.type, key.extractable]);
        }"""
    )
    assert sorted(extractable) == [["private", False], ["private", False], ["secret", False]]


def test_where_a_frame_has_no_storage_the_popup_signs_each_time(site, service, make_context):
    context = make_context(STORAGELESS)
    visit = site.visit(context)
    sign_up(visit)
    call, page = site.visit(context).open("signin", SIGN_IN)
    Popup(page).at("consent").consent()
    assert call.value() == {"error": "success"}
    first, second = site.pages.callbacks()
    assert first["uid"] == second["uid"]
    for payload in (first, second):
        assert service.validate(payload)["errorcode"] == 0


def test_storage_that_throws_in_the_frame_leaves_the_popup_to_sign(site, service, context):
    context.add_init_script(
        "if (window !== window.top) Object.defineProperty(window, 'indexedDB', { get() { throw new Error('none'); } });"
    )
    sign_up(site.visit(context))
    assert service.validate(site.pages.callbacks()[0])["errorcode"] == 0


def test_without_asking_next_time_is_a_choice(site, context):
    """Who does not leave it on is asked each time, and nothing is kept in the frame."""
    visit = site.visit(context)
    sign_up(visit, silent=False)
    assert visit.frame().evaluate(FILED) == []
    again = site.visit(context)
    again.ready()
    assert again.get("enabled") is False
    call, page = again.open("signin", SIGN_IN)
    Popup(page).at("consent").consent(silent=False)
    assert call.value() == {"error": "success"}
    assert len({payload["uid"] for payload in site.pages.callbacks()}) == 1


@pytest.mark.parametrize("hours", [1, -1])
def test_a_device_whose_clock_is_wrong_signs_in(hours, site, service, context):
    """The client corrects itself by the server's time; the nonces that it makes are fresh there."""
    context.add_init_script(
        f"""{{
          const Real = Date;
          const shift = {hours} * 3600e3;
          window.Date = class Date extends Real {{
            constructor(...given) {{ super(...(given.length ? given : [Real.now() + shift])); }}
            static now() {{ return Real.now() + shift; }}
          }};
        }}"""
    )
    sign_up(site.visit(context))
    visit = site.visit(context)
    visit.ready()
    assert visit.call("signin", SIGN_IN).value() == {"error": "success"}
    for payload in site.pages.callbacks():
        assert service.validate(payload)["errorcode"] == 0


def test_a_stale_nonce_of_the_site_is_the_sites_to_renew(site, context):
    site.visit(context).know()
    visit = site.visit(context)
    visit.ready()
    stale = "0012013-08-22T22:24:44ZzM2Ogb"
    call = visit.call("signin", {"challenge": {"callback": "/callback", "nonce": stale}})
    assert call.error() == "nonce_expired"
    assert len(site.pages.callbacks()) == 1


def test_a_nonce_of_the_site_is_the_one_that_is_signed(site, service, context, nonce_of):
    site.visit(context).know()
    visit = site.visit(context)
    visit.ready()
    nonce = service.make_nonce()
    call = visit.call("signin", {"challenge": {"callback": "/callback", "nonce": nonce}})
    assert call.value() == {"error": "success"}
    payload = site.pages.callbacks()[-1]
    assert {nonce_of(signed["nonce"]) for signed in payload["nonces"].values()} == {nonce}
