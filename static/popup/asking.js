// @ts-check
/**
 * The cards that a site asks for, on the person's screen: a block for each kind, with what would be handed over in
 * plain sight. What is missing can be typed in; of several cards one is chosen; what is not ticked stays here.
 */
import { CARDS } from "../shared/attributes.js";
import { cardForm } from "../shared/card_form.js";
import { button, el, quiet, ticked } from "../shared/dom.js";
import { label } from "../shared/labels.js";
import { picked } from "../shared/releases.js";
import { isProved } from "./emails.js";
import { called, calledField, shown, valueList } from "./parts.js";
import { harmless, text } from "./words.js";

/** @typedef {import("../shared/attributes.js").Fields} Fields */
/** @typedef {import("../shared/cards.js").Card} Card */
/** @typedef {import("./emails.js").Proved} Proved */
/** @typedef {import("./sharing.js").Choice} Choice */
/** @typedef {import("./wishes.js").Wishes} Wishes */
/** @typedef {{asked: string[], card: string | null}} Former what the person said the last time; `card`: its id */
/**
 * @typedef {object} Stock what the person has
 * @property {Card[]} cards
 * @property {Map<string, Former>} [former] by kind
 * @property {Proved} [proved] undefined: not known, or not to be spoken of
 * @property {boolean} [alone] whether cards are all that is asked for: then one that was not given before is ticked all
 *   the same, if it is the only one, because nothing else can be meant by going on
 */

/** All of what a site asks for. It can leave the screen and come back: what was ticked and typed in stays. */
export class Asking {
  /** @param {Wishes} wishes @param {Stock} stock */
  constructor({ cards, unstored }, stock) {
    const lone = stock.alone === true && cards.size === 1;
    this.blocks = [...cards].map(([kind, fields]) => {
      return new Block(kind, fields, unstored.get(kind) ?? new Set(), { ...stock, alone: lone });
    });
  }

  /** @returns {HTMLElement[]} */
  get elements() {
    return this.blocks.map(({ element }) => element);
  }

  /** @returns {Choice[]} @throws {import("../shared/attributes.js").AttributeError} if a typed value is none */
  read() {
    return this.blocks.map((block) => block.read());
  }

  /** @returns {string} the e-mail address that would be handed over, "" if none */
  address() {
    return this.#emails()[0]?.value("email") ?? "";
  }

  /** An address was proved meanwhile. @param {Proved} proved */
  prove(proved) {
    for (const block of this.#emails()) block.prove(proved);
  }

  #emails() {
    return this.blocks.filter(({ kind }) => kind === "email");
  }
}

/** One kind of card. */
class Block {
  #wanted;
  #unstored;
  #former;
  #proved;
  /** @type {Card | null} */
  #card;
  #cards;
  /** @type {ReturnType<typeof cardForm> | null} */
  #form = null;
  #tick;
  #body = el("div", { class: "body" });
  #proof = el("div", { class: "proof" });

  /** @param {string} kind @param {Set<string> | null} wanted @param {Set<string>} unstored @param {Stock} stock */
  constructor(kind, wanted, unstored, { cards, former, proved, alone }) {
    this.kind = kind;
    this.#wanted = wanted;
    this.#unstored = unstored;
    this.#former = former?.get(kind);
    this.#proved = proved;
    this.#cards = cards.filter((card) => card.kind === kind);
    this.#card = this.#cards.find(({ id }) => id === this.#former?.card) ?? this.#cards.find((card) => card.default)
      ?? this.#cards[0] ?? null;
    this.#tick = ticked(`share-${kind}`, text("share.tick", { card: called(kind) }));
    const group = { class: "card asked", role: "group", "aria-label": called(kind), "data-card": kind };
    this.element = el("div", group, this.#tick, this.#body);
    const refused = this.#former !== undefined && this.#former.card === null && this.#cards.length > 0;
    this.#box.checked = !refused || alone === true;
    this.#box.addEventListener("change", () => this.#body.toggleAttribute("hidden", !this.#box.checked));
    this.#body.addEventListener("input", () => this.#showProof());
    this.#draw();
  }

  /** @returns {Choice} */
  read() {
    const shared = this.#box.checked;
    const typed = shared ? this.#typed() : [];
    const apart = (/** @type {boolean} */ once) => typed.filter(([field]) => this.#unstored.has(field) === once);
    return {
      kind: this.kind,
      shared,
      asked: this.#asked(),
      card: this.#card,
      typed: Object.fromEntries(apart(false)),
      once: Object.fromEntries(apart(true)),
    };
  }

  /** @param {string} field @returns {string} what would be handed over */
  value(field) {
    return this.#card?.fields[field] ?? Object.fromEntries(this.#typed())[field] ?? "";
  }

  /** @param {Proved} proved */
  prove(proved) {
    this.#proved = proved;
    this.#showProof();
  }

  get #box() {
    return /** @type {HTMLInputElement} */ (this.#tick.querySelector("input"));
  }

  /** @returns {[string, string][]} what is typed in */
  #typed() {
    return Object.entries(this.#form?.read() ?? {}).filter(([, value]) => value !== "");
  }

  /** What the site may read: what it asks for now, and what this person gave it of this kind before. */
  #asked() {
    const before = this.#former?.card ? this.#former.asked : [];
    if (this.#wanted === null || before.includes("*")) return ["*"];
    const stored = [...this.#wanted].filter((field) => !this.#unstored.has(field));
    return [...new Set([...before, ...stored])].sort();
  }

  #draw() {
    const there = picked(this.#asked(), this.#card?.fields ?? {});
    const values = Object.keys(there).length > 0 ? [valueList(this.kind, there)] : [];
    const missing = this.#missing(there);
    this.#form = missing.size > 0 ? cardForm(this.kind, {}, { only: missing, calledField }) : null;
    const parts = [...values, ...(this.#form ? [this.#form.element] : [])];
    this.#body.replaceChildren(
      ...(this.#cards.length > 1 ? [this.#select()] : []),
      ...(parts.length > 0 ? parts : [quiet(text("share.nothing"))]),
      this.#proof,
    );
    this.#body.toggleAttribute("hidden", !this.#box.checked);
    this.#showProof();
  }

  /** @param {Fields} there @returns {Set<string>} the fields that have to be typed in */
  #missing(there) {
    const known = CARDS.get(this.kind) ?? [];
    const wanted = this.#wanted ? [...this.#wanted] : this.#card ? [] : known;
    return new Set([...wanted, ...this.#unstored].filter((field) => !Object.hasOwn(there, field)));
  }

  #select() {
    const id = `choose-${this.kind}`;
    const options = this.#cards.map((card) => el("option", { value: card.id }, titleOf(card)));
    const select = el("select", { id }, ...options);
    select.value = this.#card?.id ?? "";
    select.addEventListener("change", () => {
      this.#card = this.#cards.find((card) => card.id === select.value) ?? null;
      this.#draw();
      document.getElementById(id)?.focus();
    });
    return el("div", { class: "field" }, el("label", { for: id }, text("share.which")), select);
  }

  async #showProof() {
    const asks = this.kind === "email" && (this.#wanted === null || this.#wanted.has("email"));
    if (!asks || this.#proved === undefined) return;
    const address = this.#written();
    const verified = address !== "" && (await isProved(this.#proved, address));
    if (address !== this.#written()) return; // somebody types
    if (address === "") return this.#proof.replaceChildren();
    this.#proof.replaceChildren(...(verified
      ? [quiet(text("share.verified"))]
      : [quiet(text("share.unverified")), button("verify", text("share.verify"), "quiet")]));
  }

  /** The address that would be handed over, as it is typed by now: nothing is refused before it is asked for. */
  #written() {
    const typed = this.#form?.element.querySelector("input[name=email]");
    return this.#card?.fields.email ?? (typed instanceof HTMLInputElement ? typed.value.trim() : "");
  }
}

/** @param {Card} card @returns {string} what tells it from the others of its kind */
export function titleOf({ kind, label: called, fields }) {
  const telling = ["email", "phone", "street", "cc_number", "employer", "first_name"];
  const field = [...telling, ...Object.keys(fields)].find((one) => Object.hasOwn(fields, one));
  const value = field === undefined ? label(kind) : shown(field, fields[field]);
  return [called, value].filter(Boolean).map((part) => harmless(part)).join(" · ");
}
