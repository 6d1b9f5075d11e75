// @ts-check
/**
 * Two versions of a card that come from one, made one again, field by field: who changed a field has it; where both
 * did, the later one. Between deleting and editing, editing wins: what somebody wrote is not lost by what somebody else
 * threw away before reading it.
 */

/**
 * @typedef {object} Content what of a card is sealed
 * @property {string} kind the card's name, such as `address`
 * @property {string} label what the person calls it, "" if nothing
 * @property {number} preferred when it was made the default of its kind, ms; 0: never. The latest one is the default
 * @property {Record<string, string>} fields
 * @property {number} made ms
 * @property {number} changed ms
 */

/**
 * @param {Content | null} base what both began with; null: unknown, or nothing
 * @param {Content | null} mine null: deleted
 * @param {Content | null} theirs null: deleted
 * @returns {Content | null} null: deleted
 */
export function merge(base, mine, theirs) {
  if (!mine) return theirs && base && sameWords(base, theirs) ? null : theirs;
  if (!theirs) return base && sameWords(base, mine) ? null : mine;
  const mineIsLater = mine.changed > theirs.changed || (mine.changed === theirs.changed && first(mine, theirs));
  const [later, earlier] = mineIsLater ? [mine, theirs] : [theirs, mine];
  return {
    kind: later.kind,
    label: /** @type {string} */ (decided(base?.label, later.label, earlier.label)),
    preferred: Math.max(mine.preferred, theirs.preferred),
    fields: mergedFields(base?.fields ?? {}, later.fields, earlier.fields),
    made: Math.min(mine.made, theirs.made),
    changed: later.changed,
  };
}

/** @param {Content} one @param {Content} other @returns {boolean} whether a person wrote the same on both */
export function sameWords(one, other) {
  const names = new Set([...Object.keys(one.fields), ...Object.keys(other.fields)]);
  return one.label === other.label && [...names].every((name) => own(one.fields, name) === own(other.fields, name));
}

/**
 * @param {Record<string, string>} base
 * @param {Record<string, string>} later
 * @param {Record<string, string>} earlier
 * @returns {Record<string, string>}
 */
function mergedFields(base, later, earlier) {
  const names = [...new Set([base, later, earlier].flatMap((fields) => Object.keys(fields)))].sort();
  const decisions = names.map((name) => [name, decided(own(base, name), own(later, name), own(earlier, name))]);
  return Object.fromEntries(decisions.filter(([, text]) => text !== undefined));
}

/**
 * @param {string | undefined} base
 * @param {string | undefined} later
 * @param {string | undefined} earlier
 * @returns {string | undefined} what the only one who changed it says, or the later of two
 */
function decided(base, later, earlier) {
  return later === base ? earlier : later;
}

/** @param {Record<string, string>} fields @param {string} name @returns {string | undefined} */
function own(fields, name) {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** @param {Content} one @param {Content} other of the same millisecond: every device takes the same one for later */
function first(one, other) {
  const written = (/** @type {Content} */ { label, fields }) => JSON.stringify([label, Object.entries(fields).sort()]);
  return written(one) <= written(other);
}
