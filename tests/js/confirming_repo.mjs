/** A repo for the tests of confirmations, at the port where `fetch` leaves the page: one confirmation at a time. */

import { learn } from "../../static/shared/clock.js";
import { SERVICE } from "./windows.mjs";

const refusal = (code) => ({ errorcode: -64, error: "no", code });

export class ConfirmingRepo {
  asked = [];
  /** The confirmation that there is. */
  made = null;
  change = 0;
  lives = 120_000;
  number = null;
  offline = false;
  /** What the next question at a door is answered instead. */
  instead = {};

  install() {
    learn(new Date().toUTCString());
    globalThis.location = /** @type {any} */ ({ origin: SERVICE });
    globalThis.fetch = /** @type {any} */ (async (address, { body, headers = {} } = {}) => {
      const path = new URL(address).pathname;
      const question = body ? JSON.parse(Buffer.from(body).toString()) : {};
      this.asked.push({ path, body: question, headers });
      if (this.offline) throw new TypeError("no network");
      const [next] = this.instead[path] ?? [];
      this.instead[path]?.shift();
      const answer = next ? refusal(next) : this.answer(path, question);
      if (this.losing === path) {
        this.losing = null;
        throw new TypeError("lost on its way back");
      }
      const whole = { errorcode: 0, error: "success", ...answer };
      return new Response(JSON.stringify(whole), { status: whole.errorcode ? 403 : 200 });
    });
    return this;
  }

  /** The phone decides. */
  decide(state) {
    Object.assign(this.made, { state });
    this.change += 1;
  }

  answer(path, body) {
    if (path === "/repo/poll") return { change: this.change };
    if (path === "/repo/cosign") {
      return { signed: { uid: body.uid, key: "RK", nonce: `repo ${body.nonce}`, two_factor_token: "T", phone: true } };
    }
    if (path === "/repo/confirmations") {
      if (this.made?.nonce !== body.nonce) this.made = { ...body, id: "C", state: "pending" };
      const expires = new Date(Date.now() + this.lives).toISOString();
      return { confirmation: { id: "C", number: body.shows_number ? this.number : null, expires, ticket: "ticket" } };
    }
    if (path === "/repo/confirmations/cancel" && this.made.state === "pending") this.decide("cancelled");
    const { state, uid, nonce } = this.made;
    const approved = state === "approved";
    const signed = approved ? { uid, key: "RK", nonce: `repo ${nonce}`, two_factor_token: "T" } : null;
    return { confirmation: { state, signed, cd: approved ? { nonce: `cd ${nonce}`, key: "CK" } : null } };
  }

  paths() {
    return this.asked.map(({ path }) => path.replace("/repo/", ""));
  }
}

/** Until something is so. */
export async function until(true_) {
  for (let turn = 0; turn < 2000 && !true_(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 2));
  if (!true_()) throw new Error("it never was");
}
