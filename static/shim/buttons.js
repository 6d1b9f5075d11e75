// The buttons that the shim draws, and what all that it draws is made of. It loads this file with the first button or
// dialog that a page wants: by its hash where a page pinned the build, else from a lasting address, where an older shim
// may meet a newer file. So what the two lend each other only grows. It leaves nothing in the page: what it makes it
// gives to the `take` of the element that loaded it.
// @ts-check
(() => {
  "use strict";

  const TEXTS = {
    en: { signin: "Sign in with OneID", signup: "Create a OneID", quickfill: "Fill in with OneID" },
    de: { signin: "Mit OneID anmelden", signup: "OneID erstellen", quickfill: "Mit OneID ausfüllen" },
  };

  const STYLE = /* in em: rem would be the site's */ `
    :host { all: initial !important; display: inline-block !important; color-scheme: light dark !important; }
    button { display: inline-flex; align-items: center; gap: .6em; min-height: max(44px, 2.75em); padding: .5em 1.1em;
      border: 1px solid #1f6f5c; border-radius: .5em; background: #1f6f5c; color: #fff; cursor: pointer;
      font: 500 1em/1.25 system-ui, sans-serif; transition: background .15s; }
    button:hover { background: #185848; }
    button:focus-visible { box-shadow: 0 0 0 3px #fff; outline: 3px solid #1f6f5c; outline-offset: 3px; }
    button[aria-busy=true] { opacity: .7; cursor: progress; }
    svg { width: 1.4em; height: 1.4em; fill: none; stroke: currentColor; stroke-width: 3; }
    @media (prefers-reduced-motion: reduce) { button { transition: none; } }`;

  /** @typedef {keyof typeof TEXTS.en} Name the call that a button makes */
  /** @typedef {{name: Name, selector: string, args: any[]}} Wish a button that the page wants */
  /**
   * @typedef {object} Tools what the shim lends
   * @property {Record<string, (...given: any[]) => Promise<any>>} OneID
   * @property {(...words: unknown[]) => unknown} log
   * @property {(part: string) => unknown} load
   */

  /** @returns {keyof typeof TEXTS} the page's, else the browser's */
  const language = () => (/^de\b/i.test(document.documentElement.lang || navigator.language) ? "de" : "en");

  /** @type {CSSStyleSheet | undefined} */
  let sheet;

  /**
   * Put something into a shadow root of its own, so that the site's style and policy do not break it.
   * @param {Element} parent
   * @param {Element} child
   * @param {CSSStyleSheet[]} more
   */
  function shelter(parent, child, ...more) {
    if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(STYLE);
    const host = document.createElement("oneid-box");
    host.lang = language();
    const root = host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet, ...more];
    root.append(child);
    parent.append(host);
    return host;
  }

  /** @param {string} label @param {(event: Event) => void} act */
  function makeButton(label, act) {
    const button = document.createElement("button");
    button.type = "button"; // inside a form of the page it must not submit that form
    button.append(label);
    button.addEventListener("click", act);
    return button;
  }

  function drawMark() {
    const [mark, rings] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
    mark.setAttribute("viewBox", "5.5 5.5 37 35");
    mark.setAttribute("aria-hidden", "true");
    const tops = ["24 7", "16 21", "32 21"];
    rings.setAttribute("d", tops.map((top) => `M${top}a9 9 0 1 1-.01 0z`).join(""));
    mark.append(rings);
    return mark;
  }

  /** @param {string} selector */
  function isSelector(selector) {
    try {
      document.querySelector(selector);
      return true;
    } catch {
      return false;
    }
  }

  /** @param {Tools} tools */
  function make({ OneID, log, load }) {
    /** @type {Map<string, Wish>} */
    const wishes = new Map();
    /** @type {Record<Name, WeakMap<Element, {host: Element, wish: Wish}>>} */
    const drawn = { signin: new WeakMap(), signup: new WeakMap(), quickfill: new WeakMap() };

    /** @param {Element} element @param {Wish} wish */
    function draw(element, wish) {
      const button = makeButton(TEXTS[language()][wish.name], (event) => {
        event.preventDefault(); // an element around it may be a link
        if (button.getAttribute("aria-busy") && wish.name === "quickfill") return; // a double click fills once
        const free = () => button.removeAttribute("aria-busy");
        const [options, callback] = here.wish.args;
        button.setAttribute("aria-busy", "true");
        OneID[wish.name](options, callback).then(free, free);
      });
      button.prepend(drawMark());
      const here = { host: shelter(element, button), wish };
      drawn[wish.name].set(element, here);
    }

    return {
      language,
      shelter,
      makeButton,

      /**
       * Remember which buttons the page wants, by `"<call> <selector>"`, each with the arguments of its call.
       * @param {Record<string, any>} buttons
       */
      want(buttons) {
        for (const [key, args] of Object.entries(buttons ?? {})) {
          const [, name, selector] = /** @type {any} */ (/^\s*(signin|signup|quickfill)\s+(.+)$/s.exec(key) ?? []);
          if (name && isSelector(selector)) wishes.set(key, { name, selector, args: [args].flat() });
          else log(`not a button: "${key}"`);
          if (name === "quickfill") load("attributes"); // soon needed, in a click
        }
      },

      /** Draw what is not there yet. */
      draw() {
        for (const wish of wishes.values()) {
          for (const element of document.querySelectorAll(wish.selector)) {
            const there = drawn[wish.name].get(element);
            if (there?.host.parentNode === element) there.wish = wish; // only its arguments may be new
            else draw(element, wish);
          }
        }
      },
    };
  }

  /** @type {any} */ (document.currentScript).take(make);
})();
