// @ts-check
/** The person has decided: to sign in, to hand cards over, to have some kept. What each comes to, and who is told. */
import { codeOf } from "./explain.js";
import { CardGoneError, Sharing, sealing } from "./sharing.js";
import { handOver, signIn } from "./signing_in.js";

/** @typedef {import("../shared/accounts.js").Account} Account */
/** @typedef {import("./identities.js").Found} Found */
/** @typedef {import("./popup.js").Popup} Popup */
/** @typedef {import("./signing_in.js").Consent} Consent */

/** Codes of what the person did or did not do on the phone: the site is told. */
const ON_THE_PHONE = new Set(["confirmation_denied", "confirmation_timed_out"]);

/** @param {Popup} popup @param {Account} account @param {Found} found @param {Consent} consent */
export async function signsIn(popup, account, found, consent) {
  const signed = await told(popup, "consent", account, found, () => signIn(popup, account, found, consent));
  if (!signed) return undefined;
  const { payload, failed, handed } = signed;
  if (failed !== undefined) {
    const code = codeOf(failed);
    return ON_THE_PHONE.has(code) ? popup.fail(code) : popup.go("error", { error: failed });
  }
  if (payload === null) return popup.cancel();
  return popup.finish(account, { ...(payload && { payload }), ...handed }, "done.title");
}

/**
 * Cards are handed over, and that is all.
 * @param {Popup} popup
 * @param {Account} account
 * @param {Found} found
 * @param {Consent} consent
 */
export async function shares(popup, account, found, consent) {
  const handed = await told(popup, "share", account, found, () => handOver(popup, account, found, consent));
  return handed && popup.finish(account, handed, "done.shared");
}

/**
 * Do what the person said, unless one of the cards is gone: then they are asked again, with what there is now.
 * @template T
 * @param {Popup} popup
 * @param {"consent" | "share"} screen
 * @param {Account} account
 * @param {Found} found
 * @param {() => Promise<T>} work
 * @returns {Promise<T | null>}
 */
async function told(popup, screen, account, { filed, phones }, work) {
  try {
    return await popup.tried(account.id, work);
  } catch (error) {
    if (!(error instanceof CardGoneError)) throw error;
    await popup.go(screen, { account, filed, phones, gone: true });
    return null;
  }
}

/** What the site wants kept, is. @param {Popup} popup @param {Account} account */
export async function keeps(popup, account) {
  const kept = await popup.tried(account.id, () => store(popup, account));
  return kept && popup.finish(account, { kept: true }, "done.kept");
}

/** @param {Popup} popup @param {Account} account @returns {Promise<true>} it has what the site brought */
export async function store({ accounts, site, wishes: { kept } }, account) {
  if (kept.size === 0) return true;
  const lenient = site?.request.name === "signup"; // nobody stays out because a site brings too much
  await sealing(accounts, account, async (now) => (await Sharing.of(accounts, now)).keep(kept, { lenient }));
  return true;
}
