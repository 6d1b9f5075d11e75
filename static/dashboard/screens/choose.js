// @ts-check
/** Whose dashboard it is; and what to do where this browser is not, or no longer, in. */
import { signer } from "../../shared/accounts.js";
import { button, el, name, p, quiet } from "../../shared/dom.js";
import { call } from "../../shared/repo.js";
import { link, list } from "../parts.js";
import { day, say, text } from "../words.js";

/** @typedef {import("../dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../../shared/stage.js").Screen} Screen */
/** @typedef {import("../screens.js").Section} Section */

/** @returns {Screen} nothing is kept in this browser */
export function none() {
  return {
    name: "none",
    title: text("none.title"),
    parts: [el("p", { class: "lead" }, text("none.lead")), p(text("none.how"))],
    actions: [link("/popup", text("none.go"))],
  };
}

/** @param {Dashboard} dashboard @param {{at: Section}} given where to go on @returns {Promise<Screen>} */
export async function choose(dashboard, { at }) {
  dashboard.account = null;
  const accounts = await dashboard.accounts.all();
  const items = accounts.map((account) => {
    const standing = account.revoked ? "choose.revoked" : account.locked ? "choose.locked" : "choose.used";
    const words = el("span", { class: "account" }, name(account.label),
      el("span", { class: "quiet" }, text(standing, { date: day(account.lastUsed) })));
    return button("pick", words, "plain", { "data-account": account.id });
  });
  return {
    name: "choose",
    title: text("choose.title"),
    parts: [list(items, { id: "accounts" })],
    actions: [],
    on: {
      pick: async ({ dataset }) => dashboard.enter(await dashboard.accounts.change(dataset.account ?? "", {}), at),
    },
  };
}

/** @param {Dashboard} dashboard @returns {Screen} signed out of this browser: one tap undoes it */
export function locked(dashboard) {
  const account = dashboard.known();
  return {
    name: "locked",
    title: text("locked.title"),
    wary: true,
    parts: [el("p", { class: "lead" }, ...say("locked.lead", { label: name(account.label) }))],
    actions: [button("unlock", text("locked.go"), "primary", { type: "submit" }), ...others()],
    on: {
      unlock: async () => {
        await call("/repo/unlock", {}, signer(account));
        await dashboard.enter(await dashboard.accounts.change(account.id, { locked: false }));
      },
    },
  };
}

/** @param {Dashboard} dashboard @returns {Screen} this browser was removed from it */
export function revoked(dashboard) {
  const { id, label } = dashboard.known();
  return {
    name: "revoked",
    title: text("revoked.title"),
    parts: [
      el("p", { class: "lead" }, ...say("revoked.lead", { label: name(label) })),
      p(text("revoked.how")),
    ],
    actions: [link("/popup", text("revoked.go")), button("again", text("app.again"), "quiet"), ...others()],
    on: {
      // It may have come back meanwhile, in the window that the link opens.
      again: async () => dashboard.enter(await dashboard.accounts.change(id, { revoked: false })),
    },
  };
}

/** @returns {HTMLElement[]} */
function others() {
  return [quiet(el("a", { href: "#choose" }, text("row.another")))];
}
