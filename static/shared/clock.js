// @ts-check
/**
 * The service's time as this page knows it. A person's clock may be wrong by hours; proofs and nonces must not be.
 * Every answer of the service says its time in `Date`; the difference to the local clock is kept while the page lives.
 */

let offset = 0;

/** @returns {number} milliseconds since 1970, by the service's clock as far as it is known */
export function now() {
  return Date.now() + offset;
}

/**
 * Take the service's time from an answer.
 * @param {string | null} dateHeader the value of `Date`; one that is missing or no date changes nothing
 */
export function learn(dateHeader) {
  const told = Date.parse(dateHeader ?? "");
  // The header has whole seconds and is a little old when it arrives: a difference within that is no difference.
  if (!Number.isNaN(told) && Math.abs(told - now()) > 2000) offset = told - Date.now();
}
