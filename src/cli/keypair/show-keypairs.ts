import type { GlobalOptions, OptionsOf } from '../global-options.js';
import { type FingerprintKind, fingerprintOf } from '../keys/fingerprints.js';
import { print } from '../output/print.js';
import { showList, showRecord, showResult } from '../output/show.js';
import type { Keypair } from './keypairs.js';
import type { KeypairRecord } from './life/records.js';
import { withKeypairs } from './open-keypairs.js';

export type ShowOptions = OptionsOf<{
  readonly user?: string;
  readonly publicKey?: boolean;
  readonly fingerprint?: FingerprintKind;
}>;

/** Shows keypairs with all fields of the service, or their public keys only. */
export async function showKeypairs(names: readonly string[], options: ShowOptions): Promise<void> {
  const shown = await withKeypairs(options, async (keypairs) => {
    const found: Keypair[] = [];
    for (const name of names) found.push(withFingerprint(await keypairs.show(name), options.fingerprint));
    return found;
  });
  if (options.publicKey) return print(shown.map(({ public_key: text }) => text.replace(/\n?$/, '\n')).join(''));
  const [first, ...others] = shown;
  if (others.length === 0) return showRecord({ ...first }, options);
  return showList(
    Object.keys(first),
    shown.map((each) => ({ ...each })),
    options,
  );
}

function withFingerprint(keypair: Keypair, kind: FingerprintKind | undefined): Keypair {
  if (kind === undefined) return keypair;
  return { ...keypair, fingerprint: fingerprintOf(keypair.public_key, kind) ?? '' };
}

/** Shows a new keypair without the public key, which the user has. */
export function showCreated({ name, type, fingerprint, user_id }: Keypair, options: GlobalOptions): Promise<void> {
  return showResult({ name, ...(type !== undefined && { type }), fingerprint, user_id }, options);
}

/** Shows a keypair that was changed, without its public key. */
export function showChanged(
  { public_key: _publicKey, ...fields }: KeypairRecord,
  options: GlobalOptions,
): Promise<void> {
  return showResult(fields, options);
}
