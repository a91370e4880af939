import type { Command } from 'commander';
import { addToHelp, ASKS_CLOUD } from '../help-text.js';
import { fingerprintOption, userOption } from './keypair-options.js';
import type { ShowOptions } from './show-keypairs.js';

export function addShowCommand(keypair: Command): void {
  const command = keypair
    .command('show')
    .description('show keypairs')
    .argument('<names...>', 'what the keypairs are called')
    .option('--public-key', 'show the public key alone, as it was registered')
    .addOption(fingerprintOption())
    .addOption(userOption())
    .action(async (names: string[], _own: object, self: Command) => {
      const { showKeypairs } = await import('./show-keypairs.js');
      return showKeypairs(names, self.optsWithGlobals<ShowOptions>());
    });
  addToHelp(
    command,
    [ASKS_CLOUD],
    [['the public key, for authorized_keys', 'latchkey keypair show laptop --public-key']],
  );
}
