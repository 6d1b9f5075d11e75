// @ts-check
// The checkout's QuickFill: one button on the first page asks for all that both pages want. On the second page it is
// released already, so that page fills itself, without a window; where it can not, it shows the button, too.

const OneID = /** @type {any} */ (window).OneID;
const place = /** @type {HTMLElement | null} */ (document.querySelector(".quickfill"));

/** What fills each page: its fields, and what OneID calls them. @type {Record<string, Record<string, string>>} */
const MAPS = {
  delivery: {
    "#first-name": "name[first_name]",
    "#last-name": "name[last_name]",
    "#street": "address[street]",
    "#street2": "address[street2]",
    "#city": "address[city]",
    "#state": "address[state]",
    "#zip": "address[zip]",
    "#phone": "phone[phone]",
  },
  payment: {
    "#card-type": "payment[cc_type]",
    "#card-number": "payment[cc_number]",
    "#card-month": "payment[cc_exp_mo]",
    "#card-year": "payment[cc_exp_yr]",
    "#card-name": "payment[cc_name_on_card]",
  },
};
/** Asked for at once, so that the person consents once. */
const ALL = Object.values(MAPS).flatMap((map) => Object.values(map)).join(" ");

/** @param {string} words */
function say(words) {
  const status = place?.querySelector("[role=status]");
  if (status) {
    status.textContent = words;
  }
}

/** @param {{success?: boolean, missing?: string[]} | null} filled null: the person closed the window */
function told(filled) {
  if (!filled) {
    say("Nothing was filled in. You can type it, or click once more.");
  } else {
    say(filled.missing?.length ? "Please fill in what is missing." : "Filled in from your OneID. Have a look, and go on.");
  }
}

if (place && OneID) {
  const map = MAPS[place.dataset.page ?? ""];
  // OneID knows states by their USPS codes, this shop by numbers.
  const option = (/** @type {string} */ attribute, /** @type {string} */ value) => {
    return document.querySelector(`#state option[${attribute}="${CSS.escape(value)}"]`);
  };
  const state = {
    attr: "state",
    fromOneID: (/** @type {string} */ code) => option("data-usps", code)?.getAttribute("value") ?? "",
    toOneID: (/** @type {string} */ number) => option("value", number)?.getAttribute("data-usps") ?? "",
  };
  OneID.config({ transform: [state], buttons: { "quickfill #quickfill": [{ map, attr: ALL }, told] } });
  if (place.dataset.page === "payment") {
    OneID.quickfill({ map, silent: true }, () => {}).then(told, () => say(""));
  }
} else if (place) {
  say("QuickFill is out of order at the moment. You can type instead.");
}

export {}; // a module: its names are its own
