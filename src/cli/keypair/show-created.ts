import type { GlobalOptions } from '../global-options.js';
import { showRecord } from '../output/show.js';
import type { Keypair } from './keypairs.js';

/** Shows a new keypair without the public key, which the user has; with --quiet only if a format is requested. */
export async function showCreated(keypair: Keypair, options: GlobalOptions): Promise<void> {
  if (options.quiet && options.format === undefined) return;
  const { name, type, fingerprint, user_id } = keypair;
  await showRecord({ name, ...(type !== undefined && { type }), fingerprint, user_id }, options);
}
