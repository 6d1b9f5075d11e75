// @ts-check
/** A copy of everything, as a file. */
import { button, el } from "../../shared/dom.js";
import { everything } from "../exporting.js";
import { points, warning } from "../parts.js";
import { text } from "../words.js";

/** @typedef {import("../dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../../shared/stage.js").Screen} Screen */

const KEPT_MS = 60_000;

/** @param {Dashboard} dashboard @returns {Screen} */
export function exporting(dashboard) {
  const told = el("p", { class: "quiet", role: "status" });
  const back = () => dashboard.go("account");
  return {
    name: "export",
    title: text("export.title"),
    wary: true,
    parts: [points(["export.has", "export.here", "export.without"]), warning(text("export.warning")), told],
    actions: [button("save", text("export.go")), button("back", text("app.back"), "quiet")],
    on: {
      save: async () => {
        const day = new Date().toISOString().slice(0, "2026-11-21".length);
        save(`oneid-${day}.json`, `${JSON.stringify(await everything(dashboard), null, 2)}\n`);
        told.textContent = text("export.saved");
      },
      back, cancel: back,
    },
  };
}

/** @param {string} file its name @param {string} contents */
function save(file, contents) {
  const address = URL.createObjectURL(new Blob([contents], { type: "application/json" }));
  el("a", { href: address, download: file }).click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
