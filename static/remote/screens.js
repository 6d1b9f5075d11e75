// @ts-check
/** The screens of the phone, by name. */
import { add, offered, offering } from "./screens/add.js";
import { confirmation } from "./screens/confirmation.js";
import { devices, revoke } from "./screens/devices.js";
import { error, misplaced, removed } from "./screens/error.js";
import { home } from "./screens/home.js";
import { outcome } from "./screens/outcome.js";
import { admit, admitted, digits, ended, joining, meeting, number, paired, replace } from "./screens/pairing.js";
import { pin } from "./screens/pin.js";
import { settings } from "./screens/settings.js";
import { start } from "./screens/start.js";

/** @type {Record<string, (remote: import("./remote.js").Remote, given: any) => unknown>} */
export const SCREENS = {
  add, admit, admitted, confirmation, devices, digits, error, home, joining, meeting, misplaced, number, outcome,
  paired, pin, removed, replace, revoke, settings, start, offer: offering, "offer-digits": offered,
  "pairing-ended": ended,
};
