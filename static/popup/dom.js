// @ts-check
/** Elements, as all our pages make them. */
export { address, button, byId, el, field, name, p, quiet, ticked } from "../shared/dom.js";
