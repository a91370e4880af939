// What the service uses, sampled every few seconds, and whether it uses more at the end than before.
import { readdirSync } from 'node:fs';
import { memory } from '../../bench/processes.mjs';

/**
 * What is measured, with its unit, and how much higher its last quarter of the run may be than the second: a factor, and
 * a constant for small values. `at` selects which value of a quarter counts, from 0, the lowest, to 1: for memory a low
 * one, what garbage collection left, since between collections it is as high as V8 likes; for all else the
 * median. Connections are opened on demand, up to the pool's ten and one that listens, and broken by faults: `bound` is
 * their maximum, except for a moment after a fault, when the server has not yet noticed which ones the service gave up. Lag is
 * reported and not judged: it is the lag of the machine.
 */
export const MEASURES = {
  'resident memory': { unit: 'MB', at: 0.1, part: 0.15, more: 10 },
  heap: { unit: 'MB', at: 0.1, part: 0.15, more: 5 },
  descriptors: { unit: '', at: 0.5, part: 0.1, more: 5 },
  'database connections': { unit: '', at: 0.5, bound: 11 },
  'event loop lag (p99)': { unit: 'ms', at: 0.5 },
};

const COUNT = `SELECT count(*)::int AS connections FROM pg_stat_activity WHERE application_name = 'latchkey'`;

export class Samples {
  all = [];

  /** `pid` of the service, its `admin` URL, and the cluster that it uses. `leniency` multiplies what is allowed. */
  constructor({ pid, admin, cluster, leniency }) {
    Object.assign(this, { pid, admin, cluster, leniency });
  }

  async take() {
    const metrics = await (await fetch(`${this.admin}/metrics`)).text();
    const metric = (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)[1]);
    this.all.push({
      at: new Date().toISOString(),
      'resident memory': memory(this.pid, 'VmRSS'),
      heap: Math.round(metric('nodejs_heap_size_used_bytes') / 2 ** 20),
      descriptors: readdirSync(`/proc/${this.pid}/fd`).length,
      'database connections': await this.#connections(),
      'event loop lag (p99)': Math.round(metric('nodejs_eventloop_lag_p99_seconds') * 10_000) / 10,
    });
  }

  /** A row for each measure: its second and last quarter, its maximum, and whether it is flat. */
  rows() {
    const quarter = Math.floor(this.all.length / 4);
    return Object.entries(MEASURES).map(([name, { unit, at, part, more, bound = Infinity }]) => {
      const values = (samples) => samples.map((each) => each[name]).filter((value) => value !== null);
      const second = valueAt(at, values(this.all.slice(quarter, 2 * quarter)));
      const last = valueAt(at, values(this.all.slice(-quarter)));
      const most = Math.max(...values(this.all));
      const isWithin = part === undefined || last <= second + (second * part + more) * this.leniency;
      const isFlat = isWithin && Math.max(second, last) <= bound;
      return { name, unit, second, last, most, isFlat };
    });
  }

  /** Null while the server does not answer. */
  async #connections() {
    try {
      const [{ connections }] = await this.cluster.query(COUNT, [], 1000);
      return connections;
    } catch {
      return null;
    }
  }
}

/** The value at a fraction of the way from the lowest to the highest; undefined if there are none. */
export function valueAt(part, values) {
  return values.toSorted((a, b) => a - b)[Math.floor(part * values.length)];
}
