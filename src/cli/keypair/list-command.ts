import { type Command, Option } from 'commander';
import { addToHelp, ASKS_CLOUD } from '../help-text.js';
import { collect } from '../global-options.js';
import { fingerprintOption, sharedOption, typeOption, userOption } from './keypair-options.js';
import type { ListOptions } from './life/search-keypairs.js';

export function addListCommand(keypair: Command): void {
  const command = keypair
    .command('list')
    .description('list keypairs, in the order of their names')
    .option('--all-pages', 'go on to the last page; a service gives 1000 keypairs at once, as a rule')
    .option('--limit <n>', 'keypairs in a page, at most')
    .option('--marker <name>', 'begin after this keypair')
    .addOption(fingerprintOption())
    .addOption(userOption())
    .option('--long', 'show algorithm, size, expiry, use and tags, too')
    .option('--all-users', 'the keypairs of all users (administrators only)')
    .optionsGroup('Search (Latchkey only):')
    .addOption(sharedOption())
    .addOption(new Option('--own', 'no keypairs of the project').conflicts('shared'))
    .option('--prefix <text>', 'whose name begins so')
    .addOption(typeOption('--type <type>', 'of this type'))
    .option('--algorithm <name>', 'of this algorithm, such as ssh-ed25519')
    .option('--fingerprint-is <text>', 'with this fingerprint, in any form of ssh-keygen, OpenSSL and Nova')
    .option('--tag <name[=value]>', 'with this tag; of several, with each', collect)
    .option('--older-than <duration>', 'created longer ago, such as 30d or 12h')
    .option('--unused-for <duration>', 'neither delivered to a guest nor created since then')
    .option('--expires-before <time>', 'that end before this time')
    .option('--expired', 'that have ended')
    .action(async (_own: object, self: Command) => {
      const { listKeypairs } = await import('./list-keypairs.js');
      return listKeypairs(self.optsWithGlobals<ListOptions>());
    });
  addToHelp(
    command,
    [ASKS_CLOUD],
    [
      ['every name, for a script', 'latchkey keypair list --all-pages -f value -c Name'],
      ['keys that no guest has read for 90 days', 'latchkey keypair list --unused-for 90d --long'],
      ['whose key is this?', 'latchkey keypair list --all-users --fingerprint-is SHA256:...'],
      ['fingerprints as ssh-keygen -l shows them', 'latchkey keypair list --fingerprint sha256'],
    ],
  );
}
