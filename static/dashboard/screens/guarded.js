// @ts-check
/** What a browser alone can not do while a phone guards the account: the phone has to be removed first. */
import { button, el, name, p } from "../../shared/dom.js";
import { moment, say, text } from "../words.js";

/**
 * @param {object} of
 * @param {string} of.name
 * @param {string} of.title
 * @param {import("./devices.js").Listed} of.phone
 * @param {() => unknown} of.back
 * @returns {import("../../shared/stage.js").Screen}
 */
export function guarded({ name: screen, title, phone, back }) {
  return {
    name: screen, title,
    parts: [
      el("p", { class: "lead" }, ...say("guarded.lead", { phone: name(phone.name) })),
      p(phone.ends ? text("guarded.ends", { when: moment(phone.ends) }) : text("guarded.how")),
    ],
    actions: [button("back", text("app.back"), "primary", { type: "submit" })],
    on: { back, cancel: back },
  };
}
