import type { Command } from 'commander';
import { addToHelp, ASKS_CLOUD } from '../help-text.js';
import { fingerprintOption, userOption } from './keypair-options.js';
import type { ListOptions } from './list-keypairs.js';

export function addListCommand(keypair: Command): void {
  const command = keypair
    .command('list')
    .description('list keypairs, in the order of their names')
    .option('--all-pages', 'go on to the last page; a service gives 1000 keypairs at once, as a rule')
    .option('--limit <n>', 'keypairs in a page, at most')
    .option('--marker <name>', 'begin after this keypair')
    .addOption(fingerprintOption())
    .addOption(userOption())
    .action(async (_own: object, self: Command) => {
      const { listKeypairs } = await import('./list-keypairs.js');
      return listKeypairs(self.optsWithGlobals<ListOptions>());
    });
  addToHelp(
    command,
    [ASKS_CLOUD],
    [
      ['every name, for a script', 'latchkey keypair list --all-pages -f value -c Name'],
      ['fingerprints as ssh-keygen -l shows them', 'latchkey keypair list --fingerprint sha256'],
    ],
  );
}
