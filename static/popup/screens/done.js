// @ts-check
/** The last word, for a window that the browser does not close. */
import { el, p } from "../../shared/dom.js";
import { show } from "../stage.js";
import { text } from "../words.js";

/** @param {import("../popup.js").Popup} _popup @param {{cancelled: boolean}} given */
export function done(_popup, { cancelled }) {
  const title = text(cancelled ? "done.cancelled" : "done.title");
  const mark = el("p", { class: "tick", "aria-hidden": "true" }, "✓");
  show({ name: "done", title, parts: [...(cancelled ? [] : [mark]), p(text("app.close"))] });
}
