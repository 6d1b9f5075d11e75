"""A page made with React, as it comes from npm: its own modules, and a form whose every field it controls."""

from pathlib import Path

MODULES = Path(__file__).parents[1] / "js" / "node_modules"
PARTS = {
    "scheduler": "scheduler/cjs/scheduler.production.js",
    "react": "react/cjs/react.production.js",
    "react-dom": "react-dom/cjs/react-dom.production.js",
    "react-dom/client": "react-dom/cjs/react-dom-client.production.js",
}
# What a bundler does with modules that say `require`.
BUNDLE = """const found = {}, ready = {}, process = { env: { NODE_ENV: "production" } };
function require(name) {
  if (!ready[name]) found[name](ready[name] = { exports: {} }, ready[name].exports);
  return ready[name].exports;
}
%s"""
WRAPPED = "found[%r] = function (module, exports) {\n%s\n};\n"
# Fields whose values are React's state: what React has not heard of is gone with the next drawing.
FORM = """
const { createElement: make, useState } = require("react");
window.states = {};
function App() {
  const [state, setState] = useState({ name: "", zip: "", note: "", state: "", kind: "", gift: false });
  window.states = state;
  const change = (name, of = "value") => (event) => setState((now) => ({ ...now, [name]: event.target[of] }));
  const text = (tag, name) => make(tag, { name, value: state[name], onChange: change(name) });
  const options = ["", "NY", "CA"].map((value) => make("option", { key: value, value }, value));
  const kinds = ["MC", "VI"].map((value) => make("input", { key: value, name: "kind", type: "radio", value,
    checked: state.kind === value, onChange: change("kind") }));
  return make("form", {}, text("input", "name"), text("input", "zip"), text("textarea", "note"),
    make("select", { name: "state", value: state.state, onChange: change("state") }, options), kinds,
    make("input", { name: "gift", type: "checkbox", value: "US", checked: state.gift,
      onChange: change("gift", "checked") }),
    make("output", {}, JSON.stringify(state)),
    make("button", { type: "button", id: "again", onClick: () => setState((now) => ({ ...now, drawn: 1 })) }));
}
require("react-dom/client").createRoot(document.getElementById("root")).render(make(App));
"""


def script() -> str:
    """All of it, as one script for a page with an element ``root``."""
    parts = [WRAPPED % (name, (MODULES / path).read_text(encoding="utf-8")) for name, path in PARTS.items()]
    return BUNDLE % "".join(parts) + FORM
