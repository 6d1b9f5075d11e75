// @ts-check
/** The phone's PIN, made or changed. It is mixed with a key of this phone before the repo hears anything of it. */
import { button, el } from "../../shared/dom.js";
import { TypedError } from "../explain.js";
import { digitsField } from "../parts.js";
import { pinProof } from "../phone.js";
import { show } from "../stage.js";
import { text } from "../words.js";

const FORM = /^\d{4,12}$/;

/** @param {import("../remote.js").Remote} remote @param {{then?: () => unknown}} given */
export function pin(remote, { then = remote.home }) {
  const isSet = remote.news.standing?.pin.set === true;
  const former = digitsField("pin-former", 12, "pin.former", "pin.former.hint", "digits secret");
  const fresh = digitsField("pin-new", 12, "pin.new", "pin.new.hint", "digits secret");
  const again = digitsField("pin-again", 12, "pin.again", "pin.again.hint", "digits secret");
  show({
    name: "pin",
    title: text(isSet ? "pin.title.change" : "pin.title"),
    parts: [
      el("p", { class: "lead" }, text("pin.lead")), ...(isSet ? [former.part] : []), fresh.part, again.part,
    ],
    actions: [
      button("save", text("pin.go"), "primary", { type: "submit" }),
      button("back", text("app.cancel"), "quiet"),
    ],
    on: {
      save: async () => {
        if (!FORM.test(fresh.input.value)) throw new TypedError("malformed_pin");
        if (fresh.input.value !== again.input.value) throw new TypedError("pin_differs");
        const held = remote.known();
        const [proof, before] = await Promise.all([fresh, former].map(({ input }) => pinProof(held, input.value)));
        await remote.ask("/repo/phone/pin", { proof, former: isSet ? before : null });
        await remote.news.refreshStanding();
        await then();
      },
      back: then, cancel: then,
    },
  });
}
