// Counts answers, and records those that should not have been sent.

/** Milliseconds from the end of a fault until everything must work again. */
const RECOVERY_MS = 3000;
/** How many violations are printed in full. */
const MAX_PRINTED = 50;

export class Tally {
  requests = 0;
  unavailable = 0;
  /** 503 while the database worked. */
  unavailableInCalm = 0;
  writes = 0;
  byKind = {};
  faults = [];
  wrongs = [];
  #recoveries = [];

  answered({ what, status, expected, began, text }) {
    this.requests += 1;
    const kind = (this.byKind[what] ??= {});
    kind[status] = (kind[status] ?? 0) + 1;
    if (status === 503) {
      this.unavailable += 1;
      if (!this.#isDisturbed(began, performance.now())) {
        this.unavailableInCalm += 1;
        this.wrong(`${what}: 503 while nothing is wrong with the database: ${text}`);
      }
      return;
    }
    if (status !== expected) this.wrong(`${what}: ${status}, not ${expected}: ${text.slice(0, 300)}`);
    if (status === 201) this.#wrote();
  }

  wrong(text) {
    this.wrongs.push(text);
    if (this.wrongs.length <= MAX_PRINTED) console.error(`${new Date().toISOString()} ${text}`);
  }

  /** Begins a fault. Call the function that it returns at the end of the fault. */
  began(name, isOfDatabase) {
    const fault = { name, isOfDatabase, at: new Date().toISOString(), from: performance.now(), to: Infinity };
    this.faults.push(fault);
    return () => {
      fault.to = performance.now();
      fault.seconds = Math.round((fault.to - fault.from) / 100) / 10;
      if (isOfDatabase) this.#recoveries.push(fault);
    };
  }

  /** Milliseconds from the end of each database fault to the next acknowledged write. */
  get recoveries() {
    return this.faults.flatMap(({ recovered }) => recovered ?? []);
  }

  #wrote() {
    this.writes += 1;
    for (const fault of this.#recoveries.splice(0)) fault.recovered = Math.round(performance.now() - fault.to);
  }

  #isDisturbed(began, ended) {
    return this.faults.some(({ isOfDatabase, from, to }) => isOfDatabase && began < to + RECOVERY_MS && ended > from);
  }
}
