// @ts-check
/** Errors in a sentence for the person who has to go on from there: each page brings the sentences. */

/** @param {unknown} error @returns {string} its stable code; "unknown" for what nobody thought of */
export function codeOf(error) {
  const code = /** @type {any} */ (error)?.code;
  return typeof code === "string" ? code : "unknown";
}

/**
 * The page's sentence under `error.<code>`.
 * @template {string} Key
 * @param {{isKey: (key: string) => key is Key, text: (key: Key) => string}} words the page's; one is `error.unknown`
 * @returns {(error: unknown) => string}
 */
export function explaining({ isKey, text }) {
  return (error) => {
    const key = `error.${codeOf(error)}`;
    if (isKey(key) && key !== "error.unknown") return text(key);
    console.error(error); // a mistake of ours, or a code newer than this page
    return text(/** @type {Key} */ ("error.unknown"));
  };
}
