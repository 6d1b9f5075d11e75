// @ts-check
/** Signed out of this browser: one tap undoes it. */
import { button, el, name } from "../../shared/dom.js";
import { unlock } from "../recovery.js";
import { show } from "../stage.js";
import { say, text } from "../words.js";

/** @param {import("../popup.js").Popup} popup @param {{account: import("../../shared/accounts.js").Account}} given */
export function locked(popup, { account }) {
  show({
    name: "locked",
    title: text("locked.title"),
    wary: true,
    parts: [el("p", { class: "lead" }, ...say("locked.lead", { label: name(account.label) }))],
    actions: [
      button("unlock", text("locked.go"), "primary", { type: "submit" }),
      button("use-another", text("choose.another"), "quiet"),
      ...(popup.site ? [button("cancel", text("app.cancel"), "quiet")] : []),
    ],
    on: {
      unlock: async () => {
        const unlocked = await popup.tried(account.id, () => unlock(popup.accounts, account));
        if (unlocked) await popup.proceed(unlocked);
      },
      "use-another": popup.another,
      cancel: popup.cancel,
    },
  });
}
