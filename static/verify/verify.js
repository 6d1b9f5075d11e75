// @ts-check
/**
 * The page that mailed links lead to. Opening it does nothing: programs open the links in mails before people do. Only a
 * button confirms, and only a button refuses. The token stands in the address's fragment, which no server is sent, and
 * is taken out of the address at once.
 */
import { button, el, p } from "../shared/dom.js";
import { RepoError, call } from "../shared/repo.js";
import { stage } from "../shared/stage.js";
import { isKey, language, text } from "./words.js";

/** @typedef {import("./words.js").Key} Key */

const TOKEN = /^#(no\.)?([\w-]{43})$/;

const show = stage({ page: text("app.title"), explain, isOfField: () => false });

/** @param {unknown} error @returns {string} */
function explain(error) {
  const key = error instanceof RepoError ? `error.${error.code}` : "";
  return text(isKey(key) ? key : "error.unknown");
}

/** @param {string} token */
function askToConfirm(token) {
  show({
    name: "confirm",
    title: text("confirm.title"),
    parts: [p(text("confirm.lead")), el("div", { class: "card warning" }, p(text("confirm.warning")))],
    actions: [
      button("confirm", text("confirm.go"), "primary"),
      button("refuse", text("confirm.refuse")),
    ],
    on: {
      confirm: () => decide("/repo/emails/link", token, () => tell("confirmed", "✓")),
      refuse: () => askToRefuse(token),
    },
    wary: true,
  });
}

/** @param {string} token */
function askToRefuse(token) {
  show({
    name: "refuse",
    title: text("refuse.title"),
    parts: [p(text("refuse.lead"))],
    actions: [
      button("refuse", text("refuse.go"), "primary"),
      button("back", text("refuse.back"), "quiet"),
    ],
    on: {
      refuse: () => decide("/repo/emails/refuse", token, ({ email }) => {
        tell("refused", "", ...(email.closed ? [p(text("refused.closed"))] : []));
      }),
      back: () => askToConfirm(token),
    },
    wary: true,
  });
}

/** @param {string} path @param {string} token @param {(answer: import("../shared/repo.js").Answer) => void} done */
async function decide(path, token, done) {
  let answer;
  try {
    answer = await call(path, { token }, null);
  } catch (cause) {
    if (!(cause instanceof RepoError) || cause.code !== "address_code_refused") throw cause;
    tell("over");
    return;
  }
  done(answer);
}

/** @param {"confirmed" | "refused" | "over" | "empty"} name @param {string} [sign] @param {...Node} more */
function tell(name, sign = "", ...more) {
  const tick = sign ? [el("p", { class: "tick", "aria-hidden": "true" }, sign)] : [];
  show({ name, title: text(`${name}.title`), parts: [...tick, p(text(`${name}.lead`)), ...more] });
}

function begin() {
  const [, no, token] = TOKEN.exec(location.hash) ?? [];
  if (location.hash) history.replaceState(null, "", location.pathname);
  if (!token) tell("empty");
  else if (no) askToRefuse(token);
  else askToConfirm(token);
}

document.documentElement.lang = language;
window.addEventListener("hashchange", () => {
  if (location.hash) begin(); // another mail's link, opened in the same tab
});
begin();
