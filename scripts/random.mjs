/** Numbers, choices and orders that follow from a seed. */
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A number in [0, 1): mulberry32, a small generator that is good enough for tests. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to one less than `limit`. */
  below(limit) {
    return Math.floor(this.next() * limit);
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** One of the keys of an object whose values are weights. */
  weighted(weights) {
    const all = Object.entries(weights);
    let at = this.next() * all.reduce((sum, [, weight]) => sum + weight, 0);
    return all.find(([, weight]) => (at -= weight) < 0)[0];
  }

  shuffled(list) {
    return list
      .map((each) => [this.next(), each])
      .toSorted(([a], [b]) => a - b)
      .map(([, each]) => each);
  }
}
