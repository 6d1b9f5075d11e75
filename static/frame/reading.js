// @ts-check
/**
 * What the person released to this site, read without a window: all that the page asks for, or nothing. Each piece was
 * sealed for this site alone, so a release for another one does not open here; and whoever keeps them can not hand out
 * an older one than this frame has seen.
 */
import { answered, parseAttr, wantedFields } from "../shared/attributes.js";
import { vouching } from "../shared/claims.js";
import { covers, openRelease } from "../shared/releases.js";
import { RepoError } from "../shared/repo.js";
import { SealError } from "../shared/sealing.js";

/** @typedef {import("../shared/attributes.js").Wanted} Wanted */
/** @typedef {import("../shared/messages.js").Bundle} Bundle */
/** @typedef {{card: string, fields: string[], version: number, sealed: string}} Sealed as the repo tells it */
/** @typedef {{releases: Sealed[], claims: Record<string, string>}} Told */
/** @typedef {{attr: object, claims: Record<string, string>}} Read what is released, and what the service says of it */

/** @param {unknown} attr what the page asks for, as it wrote it @returns {Wanted[]} */
export function wantedOf(attr) {
  if (typeof attr !== "string") throw new RepoError("malformed_attr");
  return parseAttr(attr);
}

/**
 * @param {Bundle} bundle
 * @param {Wanted[]} wanted
 * @param {(cards: string[]) => Promise<Told>} ask the repo
 * @param {(versions: Record<string, number>) => Promise<boolean>} notice false if one is older than what was seen here
 * @param {boolean} [again] whether to ask again where the person gave nothing at all of what is wanted
 * @returns {Promise<Read>}
 * @throws {RepoError} `interaction_required` if only the person can say what the site gets
 */
export async function read({ uid, releaseKey, silent }, wanted, ask, notice, again = false) {
  if (!silent) throw new RepoError("interaction_required");
  const { releases, claims } = await ask([...wantedFields(wanted).keys()]);
  const opened = new Map();
  for (const release of releases) opened.set(release.card, await open(releaseKey, uid, release));
  const newest = await notice(Object.fromEntries(releases.map(({ card, version }) => [card, version])));
  if (!newest || !covers(opened, wanted)) throw new RepoError("interaction_required");
  const isEmpty = (/** @type {Wanted} */ { card }) => Object.keys(opened.get(card).values).length === 0;
  if (again && wanted.every(isEmpty)) throw new RepoError("interaction_required");
  const values = new Map([...opened].map(([card, release]) => [card, release.values]));
  return { attr: answered(wanted, values), claims: await vouching(claims, values.get("email")?.email) };
}

/** @param {CryptoKey} key @param {string} uid @param {Sealed} release */
async function open(key, uid, release) {
  try {
    return await openRelease(key, { uid, ...release });
  } catch (error) {
    if (error instanceof SealError) throw new RepoError("interaction_required"); // the person may seal it anew
    throw error;
  }
}
