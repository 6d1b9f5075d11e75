// @ts-check
/** A new secret for the account: what that ends is said before, and what is to be done after. */
import { button, el } from "../../shared/dom.js";
import { asking, points, warning } from "../parts.js";
import { renew as make } from "../renewing.js";
import { text } from "../words.js";
import { living } from "./devices.js";
import { guarded } from "./guarded.js";

/** @typedef {import("../dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../../shared/stage.js").Screen} Screen */

/** @param {Dashboard} dashboard @returns {Promise<Screen>} */
export async function renew(dashboard) {
  const phone = (await living(dashboard)).find((device) => device.phone);
  const back = () => dashboard.go("devices");
  if (phone) return guarded({ name: "renew", title: text("renew.phone.title"), phone, back });
  return asking({
    name: "renew",
    title: text("renew.title"),
    parts: [
      el("p", { class: "lead" }, text("renew.lead")),
      points(["renew.others", "renew.key", "renew.sites", "renew.stays"]),
      warning(text("renew.read")),
    ],
    go: text("renew.go"),
    deed: async () => {
      dashboard.account = await make(dashboard.accounts, dashboard.known().id);
      await dashboard.go("renewed");
    },
    back,
  });
}

/** @param {Dashboard} dashboard @returns {Screen} it has a new secret; the OneID Key comes next */
export function renewed(dashboard) {
  const back = () => dashboard.go("devices");
  return {
    name: "renewed",
    title: text("renewed.title"),
    parts: [
      el("p", { class: "lead" }, text("renewed.lead")),
      warning(text("renewed.key")),
    ],
    actions: [
      button("key", text("key.make"), "primary", { type: "submit" }), button("back", text("renewed.later"), "quiet"),
    ],
    on: { key: () => dashboard.go("new-key"), back, cancel: back },
  };
}
