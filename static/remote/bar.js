// @ts-check
/** A quiet word below a screen that something else waits. */
import { byId, button, el } from "../shared/dom.js";
import { text } from "./words.js";

/**
 * @param {boolean} waits
 * @param {() => unknown} go where it is to be seen
 */
export function bar(waits, go) {
  const place = byId("bar");
  if (waits === place.hasChildNodes()) return;
  const look = button("look", text("bar.go"), "plain");
  look.addEventListener("click", () => {
    if (!byId("screen").hasAttribute("aria-busy")) go(); // what is being sent is waited for
  });
  place.replaceChildren(...(waits ? [el("p", {}, text("bar.waits")), look] : []));
}
