// @ts-check
/** A OneID Key is made as the popup makes it, and written down there: its screens show it, and have it typed back. */
import { offerKey } from "../popup/recovery.js";

/**
 * Make a new OneID Key, which ends the former one, and go where it is shown. One that is being written down already is
 * shown again.
 * @param {import("./dashboard.js").Dashboard} dashboard
 */
export async function makeKey(dashboard) {
  const { id, confirmed } = dashboard.known();
  if (confirmed) await dashboard.change({ confirmed: false }); // from here on the former one may be gone
  await offerKey(dashboard.accounts, id, { make: true });
  location.assign(`/popup#key=${id}`);
}
