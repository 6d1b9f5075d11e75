// @ts-check
/** What a popup has to have before it can show anything: who opened it, and what for. */
import { receiveRequest, sendReady } from "../shared/messages.js";
import { RepoError } from "../shared/repo.js";

/** @typedef {import("../shared/messages.js").Connection} Connection */
/** @typedef {Connection & {request: import("../shared/messages.js").SignRequest}} Site */

const ANSWER_MS = 10_000;

/** An opener that may not use the service. */
export class RefusedOpener extends Error {
  /** @param {string} origin */
  constructor(origin) {
    super("this origin is refused");
    this.origin = origin;
  }
}

/** @returns {Promise<Site | null>} who opened this window and what for; null if nobody did */
export async function asking() {
  if (!window.opener) return null;
  const request = new Promise((resolve, reject) => {
    receiveRequest((origin) => reject(new RefusedOpener(origin))).then(resolve);
    setTimeout(() => reject(new RepoError("site_silent")), ANSWER_MS);
  });
  sendReady();
  return request;
}
