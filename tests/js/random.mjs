/** Randomness that can be had again: a test that fails says its seed, and `SEED=... node --test` repeats it. */

/** @param {number} seed @returns {() => number} in [0, 1): mulberry32 */
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Try a promise with many random inputs.
 * @param {number} times
 * @param {(random: Random) => unknown} promise
 */
export async function often(times, promise) {
  const given = process.env.SEED;
  for (let time = 0; time < (given ? 1 : times); time += 1) {
    const seed = given ? Number(given) : Math.floor(Math.random() * 2 ** 32);
    try {
      await promise(new Random(seed));
    } catch (error) {
      error.message = `SEED=${seed}: ${error.message}`;
      throw error;
    }
  }
}

export class Random {
  constructor(seed) {
    this.next = generator(seed);
  }

  /** @returns {number} 0 to below */
  below(limit) {
    return Math.floor(this.next() * limit);
  }

  one(list) {
    return list[this.below(list.length)];
  }

  some(list) {
    return list.filter(() => this.next() < 0.5);
  }

  bytes(count) {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }

  text(longest = 20) {
    const letters = ["A", "z", " ", "ä", "\u{1F511}"];
    return Array.from({ length: this.below(longest) }, () => this.one(letters)).join("");
  }
}
