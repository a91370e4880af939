import type { Cluster } from './cluster.js';
import type { Load } from './load.js';

/** Every acknowledged keypair is stored, no deleted one is back, and the counter equals the count. */
export const NOTHING_LOST = { lost: [], back: [], miscounted: 0, wrong: [] };

/** What differs between the answers that alice received and what is stored. */
export async function outcome(primary: Cluster, load: Load): Promise<object> {
  const rows = await primary.query<{ name: string }>(`SELECT name FROM key_pairs WHERE user_id = 'alice'`);
  const stored = new Set(rows.map(({ name }) => name));
  const [usage] = await primary.query<{ used: number }>(`SELECT used FROM keypair_usage WHERE user_id = 'alice'`);
  return {
    lost: [...load.kept].filter((name) => !stored.has(name)),
    back: [...load.deleted].filter((name) => stored.has(name)),
    miscounted: usage.used - stored.size,
    wrong: load.wrong,
  };
}

/** Prints the counts of a load. */
export function report(what: string, { acknowledged, unavailable }: Load, recoveries: readonly number[]): void {
  process.stdout.write(
    `${what}: ${acknowledged} writes acknowledged, ${unavailable} requests answered 503; ` +
      `milliseconds to recover: ${recoveries.join(', ')}.\n`,
  );
}
