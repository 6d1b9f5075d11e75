"""What a browser's OneID keeps, changed as one of its devices changes it: with the service's own modules."""

from typing import Any

from playwright.sync_api import BrowserContext, Frame, Page

from tests.browser.sites import Service

# The first OneID of this browser, and what changes its cards and releases.
WITH = """async (given) => {
  const from = document.querySelector("script[type=module]").src.replace(/popup\\/popup\\.js$/, "shared/");
  const take = (name) => import(`${from}${name}.js`);
  const { openAccounts, secretOf, seenOf, signer } = await take("accounts");
  const [{ Vault }, { Releases }, { call }] = await Promise.all(["cards", "releases", "repo"].map(take));
  const accounts = await openAccounts();
  const [account] = await accounts.all();
  const by = { signer: signer(account), secret: await secretOf(account) };
  const vault = new Vault({ account: account.id, seen: seenOf(accounts, account), ...by });
  const releases = new Releases(by);
  const ask = (path, body) => call(path, body, by.signer);
  return (%s)(given);
}"""
# Everything that a page or a frame has filed, in words; keys that can not be read are left out.
FILED = """async () => {
  const words = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((resolve, reject) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    for (const store of database.objectStoreNames) {
      const all = database.transaction(store).objectStore(store).getAll();
      words.push(JSON.stringify(await new Promise((resolve) => { all.onsuccess = () => resolve(all.result); })));
    }
    database.close();
  }
  return words.join("\\n") + JSON.stringify({ ...localStorage, ...sessionStorage });
}"""


class Vault:
    """The cards of a browser that has one OneID."""

    def __init__(self, context: BrowserContext, service: Service) -> None:
        self.page: Page = context.new_page()
        self.page.goto(f"{service.origin}/popup")
        self.page.wait_for_selector("#screen[data-screen=alone]")

    def run(self, work: str, given: object = None) -> Any:
        return self.page.evaluate(WITH % work, given)

    def cards(self) -> list[dict[str, Any]]:
        return self.run("() => vault.list()")

    def fields(self, kind: str) -> list[dict[str, str]]:
        return [card["fields"] for card in self.cards() if card["kind"] == kind]

    def add(self, kind: str, label: str = "", **fields: str) -> str:
        """Keep a card that is not the default of its kind, if there is one; its id."""
        draft = {"kind": kind, "label": label, "fields": fields}
        return self.run("async (draft) => (await vault.save(draft)).id", draft)

    def withdraw(self, card: str | None) -> None:
        """Take back what sites may read of a kind of card; ``None``: of all."""
        self.run(
            """async (kind) => {
              const all = (await releases.list()).filter(({ card }) => !kind || card === kind);
              for (const { uid, card } of all) await releases.end(uid, card);
            }""",
            card,
        )

    def filed(self) -> str:
        """All that this browser keeps for the service's own pages."""
        return self.page.evaluate(FILED)


def filed_by(frame: Frame) -> str:
    """All that a frame keeps."""
    return frame.evaluate(FILED)
