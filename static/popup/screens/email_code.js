// @ts-check
/** An e-mail address is proved by a code that was mailed there; then it goes on where it was. */
import { AttributeError } from "../../shared/attributes.js";
import { button, byId, el, field, name, p, quiet } from "../../shared/dom.js";
import { mailCode, proveAddress } from "../emails.js";
import { show } from "../stage.js";
import { say, text } from "../words.js";

/** @typedef {import("../../shared/accounts.js").Account} Account */
/** @typedef {import("../emails.js").Mailed} Mailed */
/** @typedef {import("../popup.js").Popup} Popup */
/** @typedef {import("../preparing.js").Prepared} Prepared */
/**
 * @typedef {object} Given
 * @property {Account} account
 * @property {Prepared} prepared
 * @property {string} address
 * @property {Mailed} mailed
 * @property {() => unknown} back
 */

/**
 * Mail a code to the address that would be handed over, and ask for it.
 * @param {Popup} popup
 * @param {Account} account
 * @param {Prepared} prepared
 * @param {() => unknown} back
 */
export async function verify(popup, account, prepared, back) {
  const address = prepared.asking?.address() ?? "";
  if (!address) throw new AttributeError("malformed_value", "email", "email");
  const mailed = await popup.tried(account.id, () => mailCode(account, address));
  if (mailed) await popup.go("email-code", { account, prepared, address, mailed, back });
}

/** @param {Popup} popup @param {Given} given */
export function emailCode(popup, { account, prepared, address, mailed, back }) {
  const input = el("input", {
    id: "code", type: "text", inputmode: "numeric", autocomplete: "one-time-code", maxlength: "12", required: "",
  });
  const told = el("p", { class: "quiet", role: "status" });
  let latest = mailed;
  show({
    name: "email-code",
    title: text("email.title"),
    parts: [
      p(...say("email.lead", { address: name(address) })),
      field(input, text("email.code"), text("email.hint")),
      told,
      quiet(text("email.why")),
    ],
    actions: [
      button("prove", text("email.go"), "primary", { type: "submit" }),
      button("again", text("email.again"), "quiet"),
      button("back", text("app.back"), "quiet"),
    ],
    on: {
      prove: async () => {
        const typed = byId("code").value;
        const proved = await popup.tried(account.id, () => proveAddress(account, latest, typed));
        if (!proved) return;
        prepared.asking?.prove(proved);
        await back();
      },
      again: async () => {
        const mailed = await popup.tried(account.id, () => mailCode(account, address));
        if (!mailed) return;
        latest = mailed;
        told.textContent = text("email.mailed");
      },
      back,
      cancel: popup.cancel,
    },
  });
}
