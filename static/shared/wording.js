// @ts-check
/** Words for people: in their language, with values put in so that no value can pretend to be a word. */

/** @typedef {Record<string, string | number | Node>} Values */

/**
 * The first language of a person that there are words in; English if there is none.
 * @template {string} Language
 * @param {readonly string[]} wanted as `navigator.languages` has them
 * @param {Record<Language, unknown>} languages
 * @returns {Language | "en"}
 */
export function choose(wanted, languages) {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split("-")[0];
    if (Object.hasOwn(languages, language)) return /** @type {Language} */ (language);
  }
  return "en";
}

/**
 * @template {string} Key
 * @param {Record<string, Record<Key, string>>} languages English at least
 */
export function wording(languages) {
  const language = choose(globalThis.navigator?.languages ?? [], languages);
  const words = languages[language];
  return {
    language,

    /** @param {Key} key @param {Record<string, string | number>} [values] @returns {string} for attributes and files */
    text: (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name])),

    /** @param {Key} key @param {Values} values @returns {(string | Node)[]} the words around the values */
    say: (key, values) => words[key].split(/\{(\w+)\}/g).map((part, index) => {
      if (index % 2 === 0) return part;
      const value = values[part];
      return typeof value === "number" ? String(value) : value;
    }),

    /** @param {string} key @returns {key is Key} */
    isKey: (key) => Object.hasOwn(words, key),

    /** @param {number} ms @returns {string} the day, as people write it */
    day: (ms) => new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(ms),
  };
}
