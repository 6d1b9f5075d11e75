// @ts-check
/** The screens of the dashboard, by name; and which of them stand in the row of sections. */
import { account, key } from "./screens/account.js";
import { activity } from "./screens/activity.js";
import { add, discard, edit, remove } from "./screens/card.js";
import { cards } from "./screens/cards.js";
import { choose, locked, none, revoked } from "./screens/choose.js";
import { close, closed } from "./screens/close.js";
import { devices, revoke, revokedDevice } from "./screens/devices.js";
import { code, email } from "./screens/email.js";
import { error, misplaced } from "./screens/error.js";
import { exporting } from "./screens/exporting.js";
import { renew, renewed } from "./screens/renew.js";
import { forget, site, withdraw } from "./screens/site.js";
import { sites } from "./screens/sites.js";

/** @typedef {import("./dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../shared/stage.js").Screen} Screen */

/** @type {Record<string, (dashboard: Dashboard, given: any) => Screen | Promise<Screen>>} */
export const SCREENS = {
  account, activity, cards, choose, close, closed, code, devices, discard, edit, email, error, forget, locked,
  misplaced, none, remove, renew, renewed, revoke, revoked, site, sites, withdraw, add, export: exporting,
  "new-key": key, "revoked-device": revokedDevice,
};

export const SECTIONS = /** @type {const} */ (["cards", "devices", "sites", "activity", "account"]);

/** @typedef {typeof SECTIONS[number]} Section */

/** To which section a screen belongs that does not stand in the row. @type {Record<string, Section>} */
export const WITHIN = {
  add: "cards", code: "cards", discard: "cards", edit: "cards", email: "cards", remove: "cards",
  renew: "devices", renewed: "devices", revoke: "devices", "revoked-device": "devices",
  forget: "sites", site: "sites", withdraw: "sites",
  close: "account", export: "account", "new-key": "account",
};

/** @param {string} name @returns {Section | null} */
export function sectionOf(name) {
  return SECTIONS.find((section) => section === name) ?? WITHIN[name] ?? null;
}
