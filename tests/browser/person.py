"""What a person does on a page of the service: reads a screen, presses its buttons, types, keeps their OneID Key."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from playwright.sync_api import Error, Locator, Page, expect

# The way of somebody new, and what leads from each of its screens to the next.
WAY = {"welcome": "create", "create": "create", "key": "skip", "skip": "skip-yes"}
# What leads to a screen from the one before it.
ASIDE = {"recover": ("welcome", "have-key"), "key-check": ("key", "continue")}


@dataclass
class Screens:
    """A page of the service's own, and a hand on its buttons. What it does returns when the screen has changed."""

    page: Page

    @property
    def screen(self) -> str:
        return self.page.locator("#screen").get_attribute("data-screen") or ""

    @property
    def alert(self) -> Locator:
        return self.page.get_by_role("alert")

    def at(self, screen: str, timeout: float | None = None) -> Self:
        """Wait until it shows a screen."""
        expect(self.page.locator(f"#screen[data-screen='{screen}']")).to_be_visible(timeout=timeout)
        return self

    def act(self, action: str, clicks: int = 1) -> Self:
        """Press a button. ``clicks``: as a nervous hand does."""
        self.page.locator(f"[data-action='{action}']").first.click(click_count=clicks)
        return self

    def everything_shown(self) -> str:
        """All text, and what stands in the fields."""
        fields = self.page.locator("#screen input, #screen textarea").all()
        values = [field.input_value() for field in fields]
        return "\n".join([self.page.locator("#screen").inner_text(), *values])


class Popup(Screens):
    """The service's window."""

    def go_to(self, screen: str) -> "Popup":
        """Go the way of somebody new up to a screen."""
        before, action = ASIDE.get(screen, (screen, None))
        for step, onwards in WAY.items():
            self.at(step)
            if step == before:
                break
            self.act(onwards)
        if action:
            self.act(action)
        return self.at(screen)

    def shown_key(self) -> str:
        return "-".join(self.page.locator("#key li").all_inner_texts())

    def enter_key(self, key: str) -> "Popup":
        """Type a OneID Key and press Enter."""
        field = self.page.get_by_label("OneID Key", exact=True)
        field.fill(key)
        field.press("Enter")
        return self

    def recover(self, key: str) -> "Popup":
        """From the first screen to consent, by the OneID Key."""
        return self.go_to("recover").enter_key(key).at("consent")

    def block(self, card: str) -> Locator:
        """What is asked of one kind of card."""
        return self.page.locator(f".asked[data-card='{card}']")

    def fill(self, card: str, **fields: str) -> "Popup":
        """Type in what a card is missing; what is to be chosen is chosen by its value."""
        for name, value in fields.items():
            control = self.block(card).locator(f"[name='{name}']")
            if control.evaluate("(control) => control.tagName") == "SELECT":
                control.select_option(value)
            else:
                control.fill(value)
        return self

    def tick(self, card: str, *, shared: bool) -> "Popup":
        self.block(card).get_by_role("checkbox").set_checked(shared)
        return self

    def share(self, *, silent: bool = True) -> None:
        """Hand over cards alone, and wait until the window has closed itself."""
        self.at("share")
        self.page.get_by_label("Let this site read it without asking next time").set_checked(silent)
        with self.closing():
            self.act("share")

    def keep(self) -> None:
        """Have kept what the site brings."""
        self.at("keep")
        with self.closing():
            self.act("keep")

    def consent(self, *, silent: bool = True, clicks: int = 1) -> None:
        """Sign in, and wait until the window has closed itself."""
        self.at("consent")
        self.page.get_by_label("Sign me in here without asking next time").set_checked(silent)
        with self.closing():
            self.act("sign-in", clicks)

    def cancel(self) -> None:
        with self.closing():
            self.act("cancel")

    def unlock(self) -> "Popup":
        return self.at("locked").act("unlock").at("consent")

    def finish(self, *, silent: bool = True, clicks: int = 1) -> None:
        """From any screen on the way of somebody new, skipping the OneID Key."""
        expect(self.page.locator("#screen[data-screen]:not([data-screen=connecting])")).to_be_visible()
        for aside, back in (("recover", "back"), ("key-check", "back")):
            if self.screen == aside:
                self.act(back).at(ASIDE[aside][0])
        steps = list(WAY)
        for step in steps[steps.index(self.screen) :] if self.screen in WAY else []:
            self.at(step).act(WAY[step], clicks)
        self.consent(silent=silent, clicks=clicks)

    def sign_up(self, *, silent: bool = True, clicks: int = 1) -> None:
        """As somebody new who wants to get on: the OneID Key is skipped."""
        self.at("welcome").finish(silent=silent, clicks=clicks)

    def sign_up_silently(self) -> None:
        """Where the site asked for a silent sign-up: one button."""
        self.at("silent")
        with self.closing():
            self.act("create")

    def sign_up_with_key(self) -> str:
        """As somebody new who writes the OneID Key down. It is returned."""
        key = self.go_to("key").shown_key()
        self.act("continue").at("key-check").enter_key(key)
        self.consent()
        return key

    def closing(self) -> "_Closing":
        return _Closing(self.page)


class _Closing:
    """Until the window has closed itself at what is done in the block."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def __enter__(self) -> None:
        self.waiting = self.page.expect_event("close")
        self.waiting.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        # Playwright tells that a window went away in the middle of a click by an error of the click.
        vanished = isinstance(error, Error) and self.page.is_closed()
        self.waiting.__exit__(None if vanished else kind, error, trace)
        return vanished
