// @ts-check
/** The last word, for a window that the browser does not close. */
import { el, p } from "../../shared/dom.js";
import { show } from "../stage.js";
import { text } from "../words.js";

/** @param {import("../popup.js").Popup} _popup @param {{title: import("../words.js").Key}} given */
export function done(_popup, { title: key }) {
  const cancelled = key === "done.cancelled";
  const title = text(key);
  const mark = el("p", { class: "tick", "aria-hidden": "true" }, "✓");
  show({ name: "done", title, parts: [...(cancelled ? [] : [mark]), p(text("app.close"))] });
}
