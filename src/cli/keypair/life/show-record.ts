import type { GlobalOptions } from '../../global-options.js';
import { showRecord } from '../../output/show.js';
import type { KeypairRecord } from './records.js';

/** Shows a keypair that was changed without its public key; with --quiet only if a format is requested. */
export async function showKeypairRecord(record: KeypairRecord, options: GlobalOptions): Promise<void> {
  if (options.quiet && options.format === undefined) return;
  const fields = Object.entries(record).filter(([field]) => field !== 'public_key');
  await showRecord(Object.fromEntries(fields), options);
}
