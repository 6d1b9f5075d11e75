// @ts-check
/**
 * Everything that is kept of an account in one file, readable by people and programs. It is opened and put together
 * here; no server sees it. Keys are not in it: they leave their devices never.
 */
import { knownSites } from "./reading.js";

/** @typedef {import("./dashboard.js").Dashboard} Dashboard */

const FORM = 1;

/** @param {Dashboard} dashboard @returns {Promise<object>} */
export async function everything(dashboard) {
  const [opened, known, { devices }, activity, { email }] = await Promise.all([
    dashboard.opened(async ({ vault, releases }) => ({ cards: await vault.list(), released: await releases.list() })),
    knownSites(dashboard), dashboard.ask("/repo/devices/list"), dashboard.ask("/repo/activity"),
    dashboard.ask("/repo/emails/state"),
  ]);
  return written({ account: dashboard.known(), ...opened, known, devices, activity, email });
}

/**
 * @param {object} of
 * @param {{id: string, label: string, created: number}} of.account
 * @param {import("../shared/cards.js").Card[]} of.cards
 * @param {import("../shared/releases.js").Release[]} of.released
 * @param {import("./reading.js").Known[]} of.known
 * @param {any[]} of.devices
 * @param {any} of.activity
 * @param {{verified: string} | null} of.email
 * @returns {object}
 */
export function written({ account, cards, released, known, devices, activity, email }) {
  return {
    oneid_export: FORM,
    made: new Date().toISOString(),
    service: location.origin,
    account: { id: account.id, name: account.label, since: time(account.created) },
    cards: cards.map(({ id, kind, label, default: preferred, fields, made, changed }) => ({
      id, kind, label, default: preferred, fields, made: time(made), changed: time(changed),
    })),
    email_verified: email?.verified ?? null,
    devices: devices.map(({ id, name, created, last_used, current, revoked, phone, ends }) => ({
      id, name, kind: phone ? "phone" : "browser", created, last_used, this_one: current, removed: revoked, ends,
    })),
    sites: known.map(({ uid, origin, created, silent }) => ({
      origin, uid, since: created, signs_in_without_asking: silent,
      reads: released.filter((release) => release.uid === uid).map(({ card, source, asked, values, changed }) => ({
        card, from: source, asked, values, changed,
      })),
    })),
    activity: { sign_ins: activity.sign_ins, confirmations: activity.confirmations },
  };
}

/** @param {number} ms @returns {string} */
function time(ms) {
  return new Date(ms).toISOString();
}
