// Cards in a site's page: what a call asks of them, the site's own values for them (transforms), and forms that are
// filled and read. It is one file, though a long one, because a click waits for it. The shim loads it with the first
// call that needs it: by its hash where a page pinned the build, else from a lasting address, where an older shim may
// meet a newer file. So what the two lend each other only grows. It leaves nothing in the page: what it makes it gives
// to the `take` of the element that loaded it.
// @ts-check
(() => {
  "use strict";

  const LONGEST_ATTR = 4096;
  const MOST_NAMES = 64;
  const MOST_FIELDS = 256;
  const LONGEST_VALUE = 1000;
  const LONGEST_LABEL = 64;
  const DEEPEST = 3;
  // No name begins with an underscore, so none is `__proto__`; nor is one what every object has.
  const NAME = /^[A-Za-z]\w{0,31}$/;
  const SPELLING = /^[A-Za-z]\w{0,31}(?:\.[A-Za-z]\w{0,31})?(?:\[[A-Za-z]\w{0,31}\]){0,2}$/;
  const MISSING = "oneid-attr-missing";
  const CHOICES = new Set(["radio", "checkbox"]);
  const SECRET = new Set(["password", "file"]); // a map that leads to one is refused
  const NEVER = new Set([...SECRET, "hidden", "submit", "button", "reset", "image"]); // never filled and never read

  /**
   * @typedef {object} Tools what the shim lends
   * @property {new (code: string) => Error} OneIDError
   * @property {{transform?: any}} settings the page's, as they are at each moment
   */
  /** @typedef {{name: string, options: any}} Call `options.given`: what attr, quickfill or collect was called with */
  /** @typedef {"toOneID" | "fromOneID"} Direction */
  /** @typedef {(value: any) => unknown} Transform */
  /**
   * @typedef {object} Entry of a map
   * @property {string} selector
   * @property {string} attr
   * @property {Transform} [transform]
   */

  /** @param {Tools} tools */
  function make({ OneIDError, settings }) {
    /** @param {string} code @returns {never} */
    function refuse(code) {
      throw new OneIDError(code);
    }

    // ---- Values: the site's own, and OneID's

    /** @param {string[]} path @param {Direction} direction @returns {Transform | undefined} */
    function transformOf(path, direction) {
      const all = settings.transform ?? {};
      const named = Array.isArray(all) ? all.map((one) => [one?.attr, one]) : Object.entries(all);
      const [card, ...rest] = path;
      const field = path[path.length - 1];
      for (const name of [`${card}[${rest.join("][")}]`, `${card}[${field}]`, field]) {
        const [, found] = named.find(([attr, one]) => attr === name && one?.[direction]) ?? [];
        if (found) return found[direction];
      }
      return undefined;
    }

    /** @param {Transform | undefined} transform @param {any} value @returns {any} the value itself if there is none */
    function transformed(transform, value) {
      if (!transform) return value;
      let made;
      try {
        made = asText(transform(value));
      } catch {
        made = null; // the page's mistake: what it threw may have the value in it
      }
      return made ?? refuse("transform_failed");
    }

    /** @param {object} attr what the person gave @returns {any} the same in the site's values */
    function forSite(attr) {
      return mapped(attr, (text, path) => transformed(transformOf(path, "fromOneID"), text));
    }

    /**
     * What the site wants kept: in OneID's values, in the site's spelling.
     * @param {unknown} wanted
     * @param {boolean} lenient whether to leave out what can not be kept, and refuse nothing
     * @returns {Record<string, any>}
     */
    function toKeep(wanted, lenient) {
      let count = 0;
      return mapped(wanted, (value, path, named) => {
        const text = asText(value);
        const deep = path.length === 2 || (path.length === 3 && path[0] === "address"); // address[billing][zip]
        const fits = named && deep && text !== null && text.length <= LONGEST_VALUE && ++count <= MOST_FIELDS;
        if (!fits) return lenient || value === undefined ? undefined : refuse("malformed_attr");
        return transformed(transformOf(path, "toOneID"), text);
      });
    }

    // ---- What each call asks for

    /** @param {unknown} names text, or a list of it @returns {string} */
    function asked(names) {
      const text = [names].flat().join(" ");
      const words = text.split(/[\s,]+/).filter(Boolean);
      const few = words.length > 0 && words.length <= MOST_NAMES && text.length <= LONGEST_ATTR;
      return few && words.every(isSpelling) ? text : refuse("malformed_attr");
    }

    /** @param {any} [options] names, options with names, or what is to be kept */
    function planAttr(options) {
      const names = isPlain(options) && Object.hasOwn(options, "attr") ? options.attr : options;
      if (typeof names === "string" || Array.isArray(names)) {
        /** @param {{attr?: object}} given */
        const finish = ({ attr = {} }) => ({ attribute_data: forSite(attr) });
        return { attr: asked(names), set: null, finish };
      }
      const set = isPlain(options) ? toKeep(options, false) : {};
      return isEmpty(set) ? refuse("malformed_attr") : { attr: "", set, finish: () => true };
    }

    /** @param {any} [wanted] a map, or options with one */
    function planQuickfill(wanted) {
      const options = isPlain(wanted?.map) ? wanted : { map: wanted };
      const entries = entriesOf(options);
      const names = [...entries.map(({ attr }) => attr), options.attr ?? []].flat();
      /** @param {{attr?: object}} given */
      const finish = ({ attr: values = {} }) => {
        const attribute_data = forSite(values);
        // All values are there before the first field changes: where one fails, the page stays as it is.
        const texts = entries.map(({ attr, transform }) => {
          const value = at(transform ? values : attribute_data, stepsOf(attr));
          return value === undefined ? "" : asText(transformed(transform, value)) ?? "";
        });
        return { success: true, ...fillAll(entries, texts, options), attribute_data };
      };
      return { attr: asked([...new Set(names)]), set: null, finish };
    }

    /** @param {any} [wanted] a map, or options with one @param {unknown} [context] beside a map */
    function planCollect(wanted, context) {
      const options = isPlain(wanted?.map) ? wanted : { map: wanted, context };
      const attribute_data = {};
      for (const { selector, attr } of entriesOf(options)) {
        const steps = stepsOf(attr);
        const path = steps.length > 1 ? steps : [attr, attr];
        const text = read(find(selector, options.context));
        if (text === "") continue;
        const value = transformed(transformOf(path, "toOneID"), text);
        if (value !== "" && !put(attribute_data, path, value)) refuse("malformed_map");
      }
      const saves = options.save === true;
      const set = saves && !isEmpty(attribute_data) ? attribute_data : null;
      return { attr: "", set, finish: () => ({ attribute_data, ...(saves && { saved: set !== null }) }) };
    }

    // ---- Maps and the fields that they lead to

    /** @param {{map?: any, context?: unknown}} options @returns {Entry[]} */
    function entriesOf(options) {
      const { map, context } = options;
      const entries = isPlain(map) ? Object.entries(map).map(([selector, entry]) => ({
        .../** @type {any} */ (typeof entry === "string" ? { attr: entry } : entry), selector,
      })) : [];
      const right = entries.length > 0 && entries.length <= MOST_FIELDS && entries.every(isEntry)
        && entries.every(({ selector }) => !find(selector, context).some(({ type }) => SECRET.has(type)));
      return right ? entries : refuse("malformed_map");
    }

    /** @param {string} selector @param {any} [context] null is no place @returns {any[]} what it matches now */
    function find(selector, context = document) {
      try {
        if (typeof context !== "string") return [...context.querySelectorAll(selector)];
        return [...(document.querySelector(context)?.querySelectorAll(selector) ?? [])];
      } catch {
        return refuse("malformed_map");
      }
    }

    /** @param {Entry[]} entries @param {string[]} texts "" for what is not there @param {any} options */
    function fillAll(entries, texts, options) {
      const { context, triggerEvents } = options;
      let filled = 0;
      const missing = entries.filter(({ selector }, index) => {
        const fields = find(selector, context).filter(({ type }) => !NEVER.has(type));
        const took = texts[index] === "" ? [] : fill(fields.filter(isOpen), texts[index], triggerEvents !== false);
        const chosen = took.some(({ type }) => CHOICES.has(type)); // the others of their group are not meant
        const left = fields.filter((field) => !took.includes(field) && !(chosen && CHOICES.has(field.type)));
        for (const field of fields) field.classList.toggle(MISSING, left.includes(field));
        filled += took.length;
        return took.length === 0 || left.length > 0;
      });
      return { filled, missing: missing.map(({ selector }) => selector) };
    }

    /** @param {Call} call @param {string} attr what its challenge asks for */
    return ({ name, options }, attr) => {
      if (name === "attr") return planAttr(...options.given);
      if (name === "quickfill") return planQuickfill(...options.given);
      if (name === "collect") return planCollect(...options.given);
      const set = name === "signup" && isPlain(options.userData) ? toKeep(options.userData, true) : {};
      return { attr, set: isEmpty(set) ? null : set, label: labelOf(set), finish: forSite };
    };
  }

  // ---- Values

  /** @param {unknown} value @returns {value is Record<string, any>} */
  const isPlain = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  /** @param {object} value */
  const isEmpty = (value) => Object.keys(value).length === 0;
  /** @param {unknown} value a text or a number, or what is none @returns {string | null} */
  const asText = (value) => (Number.isFinite(value) ? String(value) : typeof value === "string" ? value : null);
  /** @param {string} spelling such as `address[billing][zip]` */
  const stepsOf = (spelling) => spelling.split(/[.[\]]+/).filter(Boolean);

  /** @param {string} text */
  const isSpelling = (text) => SPELLING.test(text) && !stepsOf(text).some((step) => step in Object.prototype);

  /** @param {any} entry */
  const isEntry = ({ attr, transform }) => typeof attr === "string" && isSpelling(attr)
    && (transform === undefined || typeof transform === "function");

  /**
   * The same object with other texts in it; without those that become undefined.
   * @param {unknown} value
   * @param {(text: any, path: string[], named: boolean) => unknown} leaf `named`: whether all on the path are names
   * @param {string[]} [path]
   * @param {boolean} [named]
   * @returns {any}
   */
  function mapped(value, leaf, path = [], named = true) {
    if (!isPlain(value) || path.length >= DEEPEST) return leaf(value, path, named);
    const made = Object.entries(value).map(([key, inner]) => {
      const right = named && isSpelling(key) && (path.length === 0 || NAME.test(key));
      return [key, mapped(inner, leaf, [...path, ...stepsOf(key)], right)];
    });
    return Object.fromEntries(made.filter(([, inner]) => inner !== undefined && !(isPlain(inner) && isEmpty(inner))));
  }

  /** @param {any} values @param {string[]} path @returns {any} what stands there; of an e-mail card, its one field */
  function at(values, path) {
    let value = values;
    for (const step of path) value = isPlain(value) && Object.hasOwn(value, step) ? value[step] : undefined;
    const own = path[path.length - 1];
    return isPlain(value) && Object.hasOwn(value, own) ? value[own] : value;
  }

  /** @param {Record<string, any>} into @param {string[]} path @param {string} text @returns {boolean} if it fits */
  function put(into, path, text) {
    let place = into;
    for (const step of path.slice(0, -1)) {
      if (!Object.hasOwn(place, step)) place[step] = {};
      place = place[step];
      if (!isPlain(place)) return false;
    }
    const last = path[path.length - 1];
    if (Object.hasOwn(place, last) && isPlain(place[last])) return false;
    place[last] = text;
    return true;
  }

  /** @param {Record<string, any>} set @returns {string} a name for the new OneID */
  function labelOf(set) {
    const names = ["first_name", "last_name"].map((field) => set[`name[${field}]`] ?? set.name?.[field]);
    return names.filter((text) => typeof text === "string" && text).join(" ").slice(0, LONGEST_LABEL);
  }

  // ---- Fields. They are the page's, maybe of another window's realm: what they are is asked of themselves.

  /** @param {any} field */
  const isOpen = (field) => !field.readOnly && !field.matches(":disabled");

  /** @param {any[]} fields of one selector @param {string} text @param {boolean} tells @returns {any[]} what took it */
  function fill(fields, text, tells) {
    const choices = fields.filter(({ type }) => CHOICES.has(type));
    const right = choices.filter(({ value }) => value === text);
    for (const field of right.length > 0 ? choices : []) {
      const chosen = right.includes(field);
      if (field.checked !== chosen && (chosen || field.type === "checkbox")) choose(field, chosen, tells);
    }
    const others = fields.filter((field) => !choices.includes(field) && write(field, text, tells));
    return [...right.filter(({ checked }) => checked), ...others];
  }

  /** A click is what frameworks hear of a choice. @param {any} field @param {boolean} on @param {boolean} tells */
  function choose(field, on, tells) {
    if (tells) field.click();
    else setNative(field, "checked", on);
  }

  /** @param {any} field @param {string} text @param {boolean} tells @returns {boolean} whether it took it */
  function write(field, text, tells) {
    if (field.localName === "select") {
      const option = optionOf([...field.options].filter(({ disabled }) => !disabled), text);
      if (!option) return false;
      setNative(field, "selectedIndex", option.index);
    } else if (field.localName === "input" || field.localName === "textarea") {
      setNative(field, "value", text);
      if (field.value === "") return false; // a number's field takes no word
    } else if (field.isContentEditable) field.textContent = text;
    else return false;
    for (const type of tells ? ["input", "change"] : []) field.dispatchEvent(new Event(type, { bubbles: true }));
    return true;
  }

  /** @param {any[]} choices @param {string} text a value, else a label */
  function optionOf(choices, text) {
    /** @param {string} words */
    const plain = (words) => words.trim().toLowerCase();
    return choices.find(({ value }) => value === text) ?? choices.find(({ value }) => plain(value) === plain(text))
      ?? choices.find(({ label }) => plain(label) === plain(text));
  }

  /**
   * As a person's hand does: past what a framework has put over the property.
   * @param {any} field
   * @param {string} property
   * @param {unknown} value
   */
  function setNative(field, property, value) {
    let kind = Object.getPrototypeOf(field);
    while (kind && !Object.hasOwn(kind, property)) kind = Object.getPrototypeOf(kind);
    if (kind) Object.getOwnPropertyDescriptor(kind, property)?.set?.call(field, value);
    else field[property] = value;
  }

  /** @param {any[]} fields of one selector @returns {string} the first text in them, "" if there is none */
  function read(fields) {
    for (const field of fields) {
      if (NEVER.has(field.type) || field.matches(":disabled") || (CHOICES.has(field.type) && !field.checked)) continue;
      const text = field.isContentEditable ? field.textContent : field.value;
      if (typeof text === "string" && text.trim() !== "") return text.trim();
    }
    return "";
  }

  /** @type {any} */ (document.currentScript).take(make);
})();
