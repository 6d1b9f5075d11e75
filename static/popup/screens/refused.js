// @ts-check
/** The opener may not use the service, or this page is not where the service is. There is nothing to press. */
import { AttributeError } from "../../shared/attributes.js";
import { address, el, p, quiet } from "../../shared/dom.js";
import { codeOf } from "../explain.js";
import { show } from "../stage.js";
import { say, text } from "../words.js";

/**
 * @param {import("../popup.js").Popup} _popup
 * @param {object} given
 * @param {string} given.origin the opener's, as the browser told it
 * @param {unknown} [given.cause] what was refused, if this page itself took the origin for one to sign in to
 */
export function refused(_popup, { origin, cause }) {
  const opaque = origin === "null";
  const words = opaque ? [text("refused.opaque")]
    : origin === location.origin ? [text("refused.own")]
      : codeOf(cause) === "malformed_nonce" ? [text("error.malformed_nonce")]
      : cause instanceof AttributeError ? [text("refused.attr")]
        : say(cause ? "refused.by_repo" : "refused.site", { origin: address(origin) });
  show({ name: "refused", title: text("refused.title"), parts: [p(...words), quiet(text("refused.nothing"))] });
}

/** @param {import("../popup.js").Popup} _popup @param {{origin: string}} given the service's own, as it says */
export function misplaced(_popup, { origin }) {
  const here = address(location.origin);
  const words = say("refused.address", { here, origin: el("bdi", { class: "origin" }, origin) });
  show({ name: "refused", title: text("refused.address.title"), parts: [p(...words)] });
}
