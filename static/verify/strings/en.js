// @ts-check
/** The words of the page that mailed links lead to, in English. */

export default {
  "app.title": "OneID",
  "confirm.title": "Is this your e-mail address?",
  "confirm.lead": "A mail was sent to you, because somebody wants to use your e-mail address with their OneID.",
  "confirm.warning": "Only say yes if you asked for this yourself, a moment ago. Whoever asked will be able to show "
    + "websites that the address is theirs.",
  "confirm.go": "Yes, I asked for this",
  "confirm.refuse": "This was not me",

  "confirmed.title": "Your address is confirmed",
  "confirmed.lead": "You can close this page, and go on where you were.",

  "refuse.title": "This was not you?",
  "refuse.lead": "Then the address will not be confirmed. If the OneID is only minutes old and was not used elsewhere, "
    + "it is closed as well.",
  "refuse.go": "No, this was not me",
  "refuse.back": "It was me after all",

  "refused.title": "Thank you",
  "refused.lead": "The address is not confirmed, and nothing more will come of that mail.",
  "refused.closed": "The OneID that somebody had made with it is closed.",

  "over.title": "This link is no longer good",
  "over.lead": "It was used, a later mail took its place, or it is too old. If you still want to confirm your address, "
    + "ask for another mail where you were asked for the code.",

  "empty.title": "Open the link in the mail",
  "empty.lead": "This page confirms e-mail addresses. It has to be opened by the link in the mail that you got.",

  "error.network": "No connection. Check your network, and try again.",
  "error.too_many_requests": "Too many tries just now. Wait a minute, and try again.",
  "error.unknown": "That did not work. Try again in a moment.",
};
