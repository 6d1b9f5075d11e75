// @ts-check
/** The OneID Key, shown after the repo has it; and what it means to go on without. */
import { button, el, name, p, quiet } from "../../shared/dom.js";
import { offerKey, skipKey } from "../recovery.js";
import { encode, groups } from "../../shared/onekey.js";
import { show } from "../stage.js";
import { harmless, say, text } from "../words.js";

/** @typedef {import("../popup.js").Popup} Popup */
/** @typedef {{id: string, make?: boolean}} Given the account; `make`: the person asked for a key, a new one perhaps */

/** @param {Popup} popup @param {Given} given */
export async function key(popup, { id, make = false }) {
  const asked = await popup.tried(id, async () => ({ offered: await offerKey(popup.accounts, id, { make }) }));
  if (!asked) return undefined;
  const account = await popup.accounts.change(id, {});
  if (!asked.offered) return popup.proceed(account); // saved, or skipped, in another window
  const { replaces } = asked.offered;
  const written = encode(asked.offered.key);
  const list = groups(written).map((group) => el("li", {}, group));
  const told = el("p", { class: "quiet", role: "status" });
  return show({
    name: "key",
    title: text("key.title"),
    parts: [
      p(...say("key.of", { label: name(account.label) })),
      el("p", { class: "lead" }, text("key.lead")),
      el("ol", { id: "key", class: "card", translate: "no", dir: "ltr", "aria-label": text("key.groups") }, ...list),
      el("div", { class: "row" }, button("copy", text("key.copy")), button("save", text("key.save"))),
      told,
      quiet(text("key.once"), ...(replaces ? [" ", text("key.replaces")] : [])),
    ],
    actions: [
      button("continue", text("key.go"), "primary", { type: "submit" }),
      button("skip", text("key.skip"), "quiet"),
    ],
    on: {
      copy: async () => {
        told.textContent = text((await copied(written)) ? "key.copied" : "key.uncopied");
      },
      save: () => {
        const values = { label: harmless(account.label), origin: location.origin, key: written };
        save(text("key.file"), text("key.file.text", values));
        told.textContent = text("key.saved");
      },
      continue: () => popup.go("key-check", { id }),
      skip: () => popup.go("skip", { id }),
      cancel: popup.cancel,
    },
  });
}

/** @param {Popup} popup @param {Given} given */
export function skip(popup, given) {
  show({
    name: "skip",
    title: text("skip.title"),
    parts: [p(text("skip.lead")), el("p", { class: "card warning" }, text("skip.lost"))],
    actions: [
      button("continue", text("skip.no"), "primary", { type: "submit" }),
      button("skip-yes", text("skip.yes"), "quiet"),
    ],
    on: {
      continue: () => popup.go("key", given),
      "skip-yes": async () => popup.proceed(await skipKey(popup.accounts, given.id)),
      cancel: popup.cancel,
    },
  });
}

/** @param {string} written @returns {Promise<boolean>} */
async function copied(written) {
  try {
    await navigator.clipboard.writeText(written);
    return true;
  } catch {
    return false; // not allowed here, or no clipboard: it is still there to be selected
  }
}

/** @param {string} file its name @param {string} contents */
function save(file, contents) {
  const address = URL.createObjectURL(new Blob([contents], { type: "text/plain;charset=utf-8" }));
  el("a", { href: address, download: file }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
