// @ts-check
/** The account ends, for good: everything of it at the service, and what this browser has of it. */
import { el, field, name, p } from "../../shared/dom.js";
import { harmless } from "../../shared/harmless.js";
import { RepoError } from "../../shared/repo.js";
import { TypedError } from "../explain.js";
import { asking, link, points, warning } from "../parts.js";
import { say, text } from "../words.js";
import { living } from "./devices.js";
import { guarded } from "./guarded.js";

/** @typedef {import("../dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../../shared/stage.js").Screen} Screen */

/** @param {Dashboard} dashboard @returns {Promise<Screen>} */
export async function close(dashboard) {
  const { label, id } = dashboard.known();
  const shown = harmless(label) || "OneID";
  const phone = (await living(dashboard)).find((device) => device.phone);
  const back = () => dashboard.go("account");
  if (phone) return guarded({ name: "close", title: text("close.phone.title"), phone, back });
  const input = el("input", { id: "typed", type: "text", autocomplete: "off", required: "" });
  return asking({
    name: "close",
    title: text("close.title"),
    parts: [
      p(...say("close.what", { label: name(label) })),
      points(["close.sites", "close.cards", "close.devices"]),
      warning(text("close.final")),
      field(input, text("close.label"), text("close.hint", { label: shown })),
    ],
    go: text("close.go"),
    deed: async () => {
      if (!isNamed(input.value, shown)) throw new TypedError("other_name");
      await ended(dashboard);
      await dashboard.accounts.remove(id);
      dashboard.account = null;
      await dashboard.go("closed", { label });
    },
    back,
  });
}

/** @param {Dashboard} dashboard asked again after a lost answer it is `signer_revoked`: nobody is left to be told */
async function ended(dashboard) {
  try {
    await dashboard.ask("/repo/accounts/close");
  } catch (error) {
    if (!(error instanceof RepoError) || error.code !== "signer_revoked") throw error;
  }
}

/** @param {string} typed @param {string} shown the name @returns {boolean} whether somebody has written it */
export function isNamed(typed, shown) {
  const [one, other] = [typed, shown].map((words) => harmless(words).toLowerCase().normalize("NFC"));
  return one === other;
}

/** @param {Dashboard} _ @param {{label: string}} given @returns {Screen} */
export function closed(_, { label }) {
  return {
    name: "closed",
    title: text("closed.title"),
    parts: [el("p", { class: "lead" }, ...say("closed.lead", { label: name(label) })), p(text("closed.sites"))],
    actions: [link("/popup", text("closed.go"), "plain")],
  };
}
