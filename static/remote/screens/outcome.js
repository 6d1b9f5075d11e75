// @ts-check
/** What became of a confirmation. */
import { button, el, p, quiet } from "../../shared/dom.js";
import { siteCard } from "../parts.js";
import { show } from "../stage.js";
import { text } from "../words.js";

/** @typedef {import("../confirmations.js").Asked} Asked */
/** @typedef {import("../confirmations.js").Decision} Decision */
/** @typedef {import("../confirmations.js").Outcome} Outcome */

const ENDS = /** @type {const} */ (["approved", "rejected", "reported", "expired", "cancelled", "gone", "unknown"]);
const DECIDED = /** @type {const} */ (["approved", "rejected", "reported"]);

/**
 * @param {import("../remote.js").Remote} remote
 * @param {{asked: Asked, decision?: Decision, outcome: Outcome}} given
 */
export function outcome(remote, { asked, decision, outcome: { state, current } }) {
  const end = ENDS.find((known) => known === state) ?? "gone";
  const decided = DECIDED.find((known) => known === end);
  const elsewhere = decided !== undefined && !current;
  // A storm of questions that are taken back at once is a storm all the same.
  const reportable = decided === undefined && end !== "unknown";
  const struck = end === "rejected" && current && decision === "approve"; // three wrong numbers
  const key = elsewhere ? /** @type {const} */ ("outcome.elsewhere") : /** @type {const} */ (`outcome.${end}`);
  show({
    name: "outcome",
    title: text(struck ? "outcome.struck" : key),
    parts: [
      ...(end === "approved" && current ? [el("p", { class: "tick", "aria-hidden": "true" }, "✓")] : []),
      p(text(elsewhere ? `outcome.elsewhere.${decided}` : struck ? "outcome.struck.lead" : `outcome.${end}.lead`)),
      siteCard(asked.origin, "confirm.site"),
    ],
    actions: [
      button("home", text("app.done"), "primary", { type: "submit" }),
      ...(reportable ? [button("report", text("confirm.report"), "quiet"), quiet(text("outcome.report.hint"))] : []),
    ],
    on: {
      home: remote.home,
      cancel: remote.home,
      report: async () => {
        await remote.news.decide(remote.known(), asked, "report", {});
        await remote.go("outcome", { asked, decision: "report", outcome: { state: "reported", current: true } });
      },
    },
  });
  document.querySelector("#screen")?.setAttribute("data-outcome", elsewhere ? "elsewhere" : end);
}
