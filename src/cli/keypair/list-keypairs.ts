import { typeOfText } from '../../crypto/key-types.js';
import type { FingerprintKind } from '../keys/fingerprints.js';
import { fingerprintOf } from '../keys/fingerprints.js';
import { printMessage } from '../output/print.js';
import { withProgress } from '../output/progress.js';
import { type Row, showList } from '../output/show.js';
import type { Keypair } from './keypairs.js';
import { type ListOptions, searchKeypairs, searchOf } from './life/search-keypairs.js';
import { withKeypairs } from './open-keypairs.js';

/** Shows the keypairs, as a page of the service or all of them, or those that a search finds. */
export async function listKeypairs(options: ListOptions): Promise<void> {
  const search = searchOf(options);
  if (search) return searchKeypairs(search, options);
  const { keypairs, more } = await withKeypairs(options, (each) =>
    withProgress(
      'Listing keypairs',
      (update) => each.list({ ...options, onPage: (count) => update(`Listing keypairs: ${count}`) }),
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
