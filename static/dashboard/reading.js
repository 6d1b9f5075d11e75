// @ts-check
/** What the account has at sites: its identities, and what each site may read. */

/** @typedef {import("./dashboard.js").Dashboard} Dashboard */
/**
 * What a site may read of one kind of card, as the repo tells it.
 * @typedef {{uid: string, origin: string, card: string, fields: string[], version: number, sealed: string | null,
 *   changed: string}} Released
 */
/** @typedef {{uid: string, origin: string, created: string, silent: boolean, released: Released[]}} Known a site */

/** @param {Dashboard} dashboard @returns {Promise<Known[]>} by their addresses */
export async function knownSites(dashboard) {
  const [{ identities }, { releases }] = await Promise.all([
    dashboard.ask("/repo/identities/list"), dashboard.ask("/repo/releases/list"),
  ]);
  return sitesOf(identities, releases);
}

/**
 * @param {(Omit<Known, "released"> & {minted: boolean})[]} identities those that were never used are left out
 * @param {Released[]} releases those that were withdrawn are left out
 * @returns {Known[]}
 */
export function sitesOf(identities, releases) {
  const living = releases.filter(({ sealed }) => sealed !== null);
  const host = (/** @type {{origin: string}} */ { origin }) => origin.replace(/^\w+:\/\//, "");
  return identities.filter(({ minted }) => minted).map(({ uid, origin, created, silent }) => ({
    uid, origin, created, silent,
    released: living.filter((release) => release.uid === uid).sort((one, other) => (one.card < other.card ? -1 : 1)),
  })).sort((one, other) => host(one).localeCompare(host(other)));
}
