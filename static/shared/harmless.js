// @ts-check
/** Values from elsewhere, made so that they can not pretend to be something else where they are shown. */

/** Characters that take room or turn the writing, and are not seen: controls, formats, line ends, and four fillers. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115F\u1160\u2800\u3164\uFFA0]/gu;
/** Marks upon nothing, and each from the third one that is stacked on a character: such towers cover other lines. */
const STACKED = /^[\p{Mn}\p{Me}]+|(?<=[\p{Mn}\p{Me}]{2})[\p{Mn}\p{Me}]+/gu;
/** What takes no room at all; but an emoji may be told that it is one. */
const IGNORED = /(?!(?<=\p{Extended_Pictographic})\uFE0F)\p{Default_Ignorable_Code_Point}/u;
/** The same, and what is no character at all, in words that have to be shown whole: marked, instead of left out. */
const NOT_SEEN = "[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}\\p{Co}\\p{Cn}\\u115F\\u1160\\u2800\\u3164\\uFFA0]";
const MARKED = new RegExp(`${NOT_SEEN}|${IGNORED.source}|${STACKED.source}`, "gu");
const LINE_END = "\n";

/**
 * A value from elsewhere, without what could disturb the words around it: what is not seen, wide gaps, and towers of
 * marks. The rest is shown as it is, up to a length.
 * @param {string} value
 * @param {number} [longest] in characters
 * @returns {string}
 */
export function harmless(value, longest = 64) {
  const clean = value.replace(UNSEEN, "").replace(/\p{Zs}+/gu, " ").trim().replace(STACKED, "");
  const characters = [...clean.slice(0, 4 * longest)];
  return characters.length > longest ? `${characters.slice(0, longest).join("")}…` : characters.join("");
}

/** @param {string} value @returns {string} the same without what is not seen */
export function seen(value) {
  return value.replace(UNSEEN, "");
}

/**
 * Words that somebody is about to sign, whole. What is not seen, or hides something else, is told by its code points,
 * so that two texts that differ never look the same because of it; line feeds stay.
 * @param {string} words
 * @returns {{text: string, code: boolean}[]} in their order; `code`: a mark such as ⟨U+202E⟩, to be set apart
 */
export function marked(words) {
  const parts = [];
  let from = 0;
  for (const match of words.matchAll(MARKED)) {
    if (match[0] === LINE_END) continue;
    if (match.index > from) parts.push({ text: words.slice(from, match.index), code: false });
    parts.push({ text: [...match[0]].map(codePoint).join(""), code: true });
    from = match.index + match[0].length;
  }
  if (from < words.length) parts.push({ text: words.slice(from), code: false });
  return parts;
}

/** @param {string} character @returns {string} */
function codePoint(character) {
  const number = /** @type {number} */ (character.codePointAt(0));
  return `⟨U+${number.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}
