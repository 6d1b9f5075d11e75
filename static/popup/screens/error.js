// @ts-check
/** Something failed before there was a screen to say it on. */
import { button, el, p, quiet } from "../../shared/dom.js";
import { codeOf, explain } from "../explain.js";
import { show } from "../stage.js";
import { text } from "../words.js";

/** @param {import("../popup.js").Popup} popup @param {{error: unknown}} given */
export function error(popup, { error: cause }) {
  show({
    name: "error",
    title: text("error.title"),
    parts: [p(explain(cause)), quiet(el("code", {}, codeOf(cause)))],
    actions: [
      button("again", text("app.again"), "primary", { type: "submit" }),
      ...(popup.site ? [button("cancel", text("app.cancel"), "quiet")] : []),
    ],
    on: { again: () => location.reload(), cancel: popup.cancel },
  });
}
