// @ts-check
/** What this browser is called in the list of an account's devices. */
export { deviceName } from "../shared/device.js";
