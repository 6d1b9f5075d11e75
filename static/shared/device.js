// @ts-check
/** What this browser is called in the list of an account's devices: a guess, for the person's eyes alone. */

/** @typedef {[string, RegExp][]} Table the first that fits counts */

/** @type {Table} */
const BROWSERS = [
  ["Edge", /\bEdg(?:e|A|iOS)?\//], ["Opera", /\bOPR\//], ["Samsung Internet", /\bSamsungBrowser\//],
  ["Firefox", /\b(?:Firefox|FxiOS)\//], ["Chrome", /\b(?:Chrome|CriOS|HeadlessChrome)\//], ["Safari", /\bSafari\//],
];
/** @type {Table} */
const SYSTEMS = [
  ["Android", /\bAndroid\b/], ["iOS", /\b(?:iPhone|iPad|iPod)\b/], ["Windows", /\bWindows\b/], ["ChromeOS", /\bCrOS\b/],
  ["macOS", /\bMac OS X\b/], ["Linux", /\bLinux\b/],
];

/** @param {string} agent as `navigator.userAgent` has it @returns {string} such as "Firefox, Linux" */
export function deviceName(agent) {
  const first = (/** @type {Table} */ table) => table.find(([, pattern]) => pattern.test(agent))?.[0];
  return [first(BROWSERS), first(SYSTEMS)].filter(Boolean).join(", ") || "Browser";
}
