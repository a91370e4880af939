import { typeOfText } from '../../crypto/key-types.js';
import type { OptionsOf } from '../global-options.js';
import type { FingerprintKind } from '../keys/fingerprint-kinds.js';
import { fingerprintOf } from '../keys/fingerprints.js';
import { printMessage } from '../output/print.js';
import { withProgress } from '../output/progress.js';
import { type Row, showList } from '../output/show.js';
import type { Keypair } from './keypairs.js';
import { withKeypairs } from './open-keypairs.js';

export type ListOptions = OptionsOf<{
  readonly user?: string;
  readonly allPages?: boolean;
  readonly limit?: string;
  readonly marker?: string;
  readonly fingerprint?: FingerprintKind;
}>;

/** Shows the keypairs, as a page of the service or all of them. */
export async function listKeypairs(options: ListOptions): Promise<void> {
  const { keypairs, more } = await withKeypairs(options, (each) =>
    withProgress(
      'Listing keypairs',
      (say) => each.list({ ...options, onPage: (count) => say(`Listing keypairs: ${count}`) }),
      options.quiet,
    ),
  );
  await showList(
    ['Name', 'Type', 'Fingerprint'],
    keypairs.map((keypair) => rowOf(keypair, options.fingerprint)),
    options,
  );
  if (more && !options.quiet && options.limit === undefined) {
    printMessage('There are more; add --all-pages to see them all.');
  }
}

function rowOf(keypair: Keypair, kind: FingerprintKind | undefined): Row {
  const { name, fingerprint, public_key: text, type } = keypair;
  const shown = kind === undefined ? fingerprint : fingerprintOf(text, kind);
  // Services before the microversion 2.2 return no type.
  return { Name: name, Type: type ?? typeOfText(text), Fingerprint: shown };
}
