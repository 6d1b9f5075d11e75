// @ts-check
/** What is shown where nothing else can be. */
import { button, el, p, quiet } from "../../shared/dom.js";
import { codeOf, explain } from "../explain.js";
import { show } from "../stage.js";
import { text } from "../words.js";

/** @typedef {import("../remote.js").Remote} Remote */

/** @param {Remote | null} remote @param {{error: unknown}} given */
export function error(remote, { error: cause }) {
  const again = remote ? remote.home : () => location.reload();
  show({
    name: "error",
    title: text("error.title"),
    parts: [p(explain(cause)), quiet(el("code", {}, codeOf(cause)))],
    actions: [button("again", text(remote ? "app.back" : "app.again"), "primary", { type: "submit" })],
    on: { again, cancel: again },
  });
}

/** The service goes by another name than this page. @param {unknown} _ @param {{origin: string}} given */
export function misplaced(_, { origin }) {
  show({
    name: "misplaced",
    title: text("misplaced.title"),
    parts: [p(text("misplaced.lead", { here: location.origin, origin }))],
  });
}

/** This phone was removed from its account. @param {Remote} remote */
export function removed(remote) {
  show({
    name: "removed",
    title: text("removed.title"),
    parts: [el("p", { class: "lead" }, text("removed.lead")), p(text("removed.next"))],
    actions: [
      button("forget", text("removed.go"), "primary", { type: "submit" }),
      ...(remote.isPaired ? [button("again", text("app.again"), "quiet")] : []),
    ],
    on: {
      forget: async () => {
        await remote.forget();
        await remote.home();
      },
      again: () => location.reload(),
    },
  });
}
