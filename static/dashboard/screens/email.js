// @ts-check
/** An e-mail address is proved by a code that is mailed to it. The service learns the address only while it sends. */
import { button, el, field, name, p, quiet } from "../../shared/dom.js";
import { TypedError } from "../explain.js";
import { language, say, text } from "../words.js";

/** @typedef {import("../dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../../shared/cards.js").Card} Card */
/** @typedef {import("../../shared/stage.js").Screen} Screen */

const CODE = /^\d{6}$/;

/** @param {Dashboard} dashboard @param {{card: Card, proved: Card | null}} given `proved` so far @returns {Screen} */
export function email(dashboard, { card, proved }) {
  const back = () => dashboard.go("cards");
  return {
    name: "email",
    title: text("email.title"),
    parts: [
      el("p", { class: "lead" }, ...say("email.lead", { address: name(card.fields.email) })),
      p(text("email.learns")),
      ...(proved ? [p(...say("email.replaces", { address: name(proved.fields.email) }))] : []),
    ],
    actions: [
      button("send", text("email.go"), "primary", { type: "submit" }), button("back", text("app.cancel"), "quiet"),
    ],
    on: { send: async () => dashboard.go("code", await sent(dashboard, card)), back, cancel: back },
  };
}

/** @param {Dashboard} dashboard @param {{card: Card, id: string}} given @returns {Screen} */
export function code(dashboard, { card, id }) {
  const input = el("input", {
    id: "code", type: "text", class: "digits", inputmode: "numeric", maxlength: "9", autocomplete: "one-time-code",
    required: "", dir: "ltr",
  });
  const told = el("p", { class: "quiet", role: "status" });
  let proof = id;
  const back = () => dashboard.go("cards");
  return {
    name: "code",
    title: text("code.title"),
    parts: [
      el("p", { class: "lead" }, ...say("code.lead", { address: name(card.fields.email) })),
      field(input, text("code.label"), text("code.hint")), told,
      quiet(text("code.link")),
    ],
    actions: [
      button("check", text("code.go"), "primary", { type: "submit" }),
      button("again", text("code.again"), "quiet"), button("back", text("app.back"), "quiet"),
    ],
    on: {
      check: async () => {
        const digits = input.value.replace(/\s/g, "");
        if (!CODE.test(digits)) throw new TypedError("malformed_code");
        await dashboard.ask("/repo/emails/confirm", { id: proof, code: digits });
        await dashboard.go("cards", { done: "code.done" });
      },
      again: async () => {
        ({ id: proof } = await sent(dashboard, card));
        input.value = "";
        told.textContent = text("code.sent");
      },
      back, cancel: back,
    },
  };
}

/** @param {Dashboard} dashboard @param {Card} card @returns {Promise<{card: Card, id: string}>} a code is on its way */
async function sent(dashboard, card) {
  const { email: proof } = await dashboard.ask("/repo/emails", { address: card.fields.email, language });
  return { card, id: proof.id };
}
