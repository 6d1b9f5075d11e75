// @ts-check
/** What is shown where nothing else can be. */
import { button, el, p, quiet } from "../../shared/dom.js";
import { codeOf, explain } from "../explain.js";
import { warning } from "../parts.js";
import { text } from "../words.js";

/** @typedef {import("../dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../../shared/stage.js").Screen} Screen */

/**
 * @param {Dashboard | null} dashboard null before there is one
 * @param {{error: unknown}} given
 * @returns {Screen}
 */
export function error(dashboard, { error: cause }) {
  const code = codeOf(cause);
  const again = dashboard ? dashboard.follow : () => location.reload();
  const isOld = code === "rolled_back";
  return {
    name: "error",
    title: text(isOld ? "error.title.rolled_back" : "error.title"),
    parts: [
      isOld ? warning(explain(cause)) : p(explain(cause)),
      ...(isOld ? [p(text("error.rolled_back.next"))] : []),
      quiet(el("code", {}, code)),
    ],
    actions: [button("again", text("app.again"), "primary", { type: "submit" })],
    on: { again },
  };
}

/** @param {unknown} _ @param {{origin: string}} given what the service is called, unlike this page @returns {Screen} */
export function misplaced(_, { origin }) {
  return {
    name: "misplaced",
    title: text("misplaced.title"),
    parts: [p(text("misplaced.lead", { here: location.origin, origin }))],
  };
}
