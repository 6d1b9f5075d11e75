// @ts-check
/** What is refused of attributes: names that are none, too much of something, a value that is not one of its field. */

/** `malformed_attr`: a name, a limit or a shape. `malformed_value`: a value that its field can not have. */
export class AttributeError extends Error {
  /**
   * @param {"malformed_attr" | "malformed_value"} code
   * @param {string | null} [card] of the value that was refused
   * @param {string | null} [field]
   */
  constructor(code, card = null, field = null) {
    super(code === "malformed_value" ? "this value is not one of its field" : "these are no attributes");
    this.name = "AttributeError";
    this.code = code;
    this.card = card;
    this.field = field;
  }
}
