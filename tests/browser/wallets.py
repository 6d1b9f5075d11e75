"""People who have cards: Ada, what she keeps, and what she lets a site have."""

from typing import Any

from playwright.sync_api import BrowserContext, Page

from tests.browser.person import Popup
from tests.browser.sites import Site, Visit

ADA: dict[str, dict[str, str]] = {
    "name": {"first_name": "Ada", "last_name": "Lovelace"},
    "email": {"email": "ada@example.org"},
    "phone": {"phone": "+1 415 555 0100"},
    "company": {"employer": "Analytical Engines", "occupation": "Programmer"},
    "address": {
        "street": "1 Main St",
        "street2": "Flat 2",
        "city": "San Francisco",
        "state": "CA",
        "zip": "94103",
        "country": "US",
        "phone": "+1 415 555 0101",
    },
    "payment": {
        "cc_type": "VI",
        "cc_number": "4111111111111111",
        "cc_exp_mo": "7",
        "cc_exp_yr": "2031",
        "cc_name_on_card": "Ada Lovelace",
    },
}
PATIENCE_MS = 30_000
# All that she has, and a card of the site's own that she has not.
EVERYTHING = " ".join([*ADA, "loyalty[number]"])


def keep_cards(visit: Visit, cards: dict[str, Any] = ADA) -> None:
    """Make Ada a OneID with her cards in it, as a site that knows her does."""
    visit.ready()
    call, window = visit.open("signup", {"silent": True, "userData": cards})
    Popup(window).sign_up_silently()
    assert call.value() is True


def share(popup: Popup, *, silent: bool = True) -> None:
    """Let the site have what it asks for, and have the window close itself."""
    popup.at("share")
    popup.page.get_by_label("without asking next time").set_checked(silent)
    with popup.closing():
        popup.act("share")


def keep(popup: Popup) -> None:
    """Let the site keep what it wants kept."""
    popup.at("keep")
    with popup.closing():
        popup.act("keep")


def release(visit: Visit, attr: str = EVERYTHING) -> None:
    """Let the site have this from now on, without being asked again."""
    visit.ready()  # a page whose frame comes seconds after the click keeps nothing
    call, window = visit.open("attr", attr)
    share(Popup(window))
    assert call.value()["attribute_data"]


class Forms:
    """Pages of a site with forms in them, in one browser."""

    def __init__(self, site: Site, context: BrowserContext) -> None:
        self.site, self.context = site, context
        self.visits: list[Visit] = []

    def open(self, body: str, *, name: str = "shop", script: str = "", head: str = "") -> "Form":
        path = self.site.put(f"/form-{len(self.visits)}", body=body, script=script, head=head)
        visit = self.site.visit(self.context, name, path)
        self.visits.append(visit)
        visit.ready()  # a click waits for the frame and the file of cards for a moment only, and then opens the window
        visit.page.evaluate("() => OneID.collect({ html: 'name[first_name]' })")
        return Form(visit)

    def close(self) -> None:
        for visit in self.visits:
            visit.page.close()


class Form:
    """One of them. What it calls is written as in a page; with everything released, no click is needed for it."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.page: Page = visit.page

    def run(self, call: str) -> Any:
        """What a call gives, or the code that it fails with. A browser takes this for a click: a window may open."""
        opened = f"new Promise((_, reject) => setTimeout(reject, {PATIENCE_MS}, {{ code: 'a window waits' }}))"
        return self.page.evaluate(
            f"() => Promise.race([{call}, {opened}]).then((value) => value, (error) => error.code)"
        )

    def value(self, selector: str) -> str:
        return self.page.locator(selector).input_value()

    def checked(self) -> list[str]:
        """The values of what is chosen."""
        return self.page.evaluate("() => [...document.querySelectorAll(':checked')].map(({ value }) => value)")

    def missing(self) -> list[str]:
        """The names of the fields that say that they were not filled."""
        return self.page.evaluate("() => [...document.querySelectorAll('.oneid-attr-missing')].map(({ name }) => name)")
