// The dialogs of the shim, which loads this file with the first one that it needs: by its hash where a page pinned the
// build, else from a lasting address, where an older shim may meet a newer file. So what the two lend each other only
// grows. It leaves nothing in the page: what it makes it gives to the `take` of the element that loaded it.
// @ts-check
(() => {
  "use strict";

  const TICK_MS = 250;
  const TEXTS = {
    en: {
      blocked: "Your browser kept the OneID window closed. Continue to open it.",
      continue: "Continue",
      close: "Close",
      cancel: "Cancel",
      failed: "That did not work. Please try again.",
      no_phone: "This needs an approval on your phone, and none is connected to your OneID yet. You can connect one at",
      confirmation_denied: "You said no on your phone.",
      confirmation_timed_out: "Your phone did not answer in time. Please try again.",
      phone: "Check your phone",
      approve: "Approve there, if it shows these words:",
      signin: "Approve there that you sign in here.",
      number: "Type this number on your phone",
    },
    de: {
      blocked: "Ihr Browser hat das OneID-Fenster nicht geöffnet. Weiter, um es zu öffnen.",
      continue: "Weiter",
      close: "Schließen",
      cancel: "Abbrechen",
      failed: "Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.",
      no_phone: "Hierfür braucht es eine Bestätigung auf Ihrem Handy, und mit Ihrer OneID ist noch keines verbunden. "
        + "Verbinden können Sie eines auf",
      confirmation_denied: "Sie haben auf Ihrem Handy abgelehnt.",
      confirmation_timed_out: "Ihr Handy hat nicht rechtzeitig geantwortet. Bitte versuchen Sie es noch einmal.",
      phone: "Schauen Sie auf Ihr Handy",
      approve: "Bestätigen Sie dort, wenn es diese Worte zeigt:",
      signin: "Bestätigen Sie dort, dass Sie sich hier anmelden.",
      number: "Geben Sie diese Zahl auf Ihrem Handy ein",
    },
  };

  const STYLE = /* in em, as the shim's own */ `
    button.quiet { background: transparent; color: inherit; border-color: currentColor; }
    dialog { width: max-content; max-width: min(24em, 90vw); box-sizing: border-box; padding: 1.5em;
      border: 1px solid #e3e0da; border-radius: .75em; background: #fbfaf8; color: #1f2328;
      font: 400 1em/1.25 system-ui, sans-serif; }
    dialog::backdrop { background: #0008; }
    h2 { margin: 0 0 .75em; font-size: 1.25em; font-weight: 600; }
    p { margin: 0 0 1.25em; overflow-wrap: anywhere; white-space: pre-line; }
    .words { max-height: 30vh; overflow: auto; margin: 0 0 1.25em; padding: .75em 1em; border: 1px solid #e3e0da;
      border-radius: .5em; overflow-wrap: anywhere; white-space: pre-wrap; }
    .words:focus-visible { outline: 3px solid #1f6f5c; }
    .title { font-weight: 600; }
    .number { margin: -.15em 0 .3em; font: 600 4em/1.1 ui-monospace, monospace; letter-spacing: .1em;
      text-align: center; }
    .row { display: flex; flex-wrap: wrap; gap: .75em; }
    @media (prefers-color-scheme: dark) {
      dialog { background: #14171a; color: #e8e6e1; border-color: #2c3136; }
      .words { border-color: #2c3136; }
    }`;

  /**
   * @typedef {object} Tools what the shim lends
   * @property {(parent: Element, child: Element, ...more: CSSStyleSheet[]) => Element} shelter
   * @property {(label: string, act: () => void) => HTMLButtonElement} makeButton
   * @property {() => keyof typeof TEXTS} language
   * @property {string} SERVICE
   */
  /** @typedef {{title: string, message: string}} Words */

  /** @param {Tools} tools */
  function make({ shelter, makeButton, language, SERVICE }) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    /** @param {keyof typeof TEXTS.en} name */
    const text = (name) => TEXTS[language()][name];

    /**
     * A modal dialog. It ends by one of its buttons, by Escape, and with the page's body.
     * @param {Element[]} parts the first one says what it is about
     * @param {(end: (value: boolean) => void) => Element[]} buttons
     * @param {Promise<unknown>} [over] takes the dialog away
     * @returns {Promise<boolean | null>} what a button ended it with, false by Escape, null if it went by itself
     */
    function open(parts, buttons, over) {
      return new Promise((resolve) => {
        const dialog = document.createElement("dialog");
        /** @param {boolean | null} value */
        const end = (value) => {
          resolve(value);
          dialog.close();
        };
        parts[0].id = "said";
        dialog.setAttribute("aria-labelledby", "said");
        dialog.append(...parts, element("div", "row", ...buttons(end)));
        const host = shelter(document.body, dialog, sheet);
        const watch = setInterval(() => host.isConnected || end(null), TICK_MS); // a page may replace its whole body
        dialog.addEventListener("close", () => { // also by Escape
          clearInterval(watch);
          resolve(false);
          host.remove();
        });
        const gone = () => end(null);
        over?.then(gone, gone);
        dialog.showModal();
      });
    }

    /** @param {string} words */
    const say = (words) => open([element("p", "", words)], (end) => [makeButton(text("close"), () => end(false))]);

    return {
      /**
       * The browser kept the window closed: a button to open it with.
       * @param {() => void} act done within that button's click
       * @returns {Promise<boolean | null>} whether the person went on
       */
      goOn: (act) => open([element("p", "", text("blocked"))], (end) => {
        const go = makeButton(text("continue"), () => (act(), end(true)));
        return [go, quiet(makeButton(text("close"), () => end(false)))];
      }),

      /**
       * A failure, where the page leaves it to the shim to show it.
       * @param {string} code
       * @param {any} answer what the site's callback said, if it did
       */
      fail(code, answer) {
        const said = answer?.error;
        if (typeof said === "string" && said && said !== "success") return say(said);
        if (code === "no_phone") return say(`${text(code)} ${SERVICE}/popup`);
        if (code === "confirmation_denied" || code === "confirmation_timed_out") return say(text(code));
        return say(`${text("failed")} (${code})`);
      },

      /**
       * The phone was asked. The dialog goes by itself when that is decided.
       * @param {Words} words "" for a sign-in
       * @param {string | null} number to be typed on the phone
       * @param {Promise<unknown>} answered
       * @returns {Promise<boolean>} whether the person wants it no more
       */
      async checkPhone({ title, message }, number, answered) {
        const shown = [...(title ? [element("div", "title", title)] : []), message];
        const words = element("div", "words", ...shown);
        words.tabIndex = 0; // long ones are scrolled with the keyboard
        const parts = [
          element("h2", "", text("phone")),
          element("p", "", text(message ? "approve" : "signin")),
          ...(message ? [words] : []),
          ...(number ? [element("p", "", text("number")), element("p", "number", number)] : []),
        ];
        const ended = await open(parts, (end) => [quiet(makeButton(text("cancel"), () => end(false)))], answered);
        return ended === false;
      },
    };
  }

  /** @param {string} tag @param {string} kind its class, "" for none @param {...(string | Element)} children */
  function element(tag, kind, ...children) {
    const made = document.createElement(tag);
    if (kind) made.className = kind;
    made.append(...children);
    return made;
  }

  /** @param {HTMLButtonElement} button */
  function quiet(button) {
    button.className = "quiet";
    return button;
  }

  /** @type {any} */ (document.currentScript).take(make);
})();
