import type { Command } from 'commander';
import { addToHelp, ASKS_CLOUD } from '../help-text.js';
import type { DeleteOptions } from './delete-keypairs.js';
import { sharedOption, userOption } from './keypair-options.js';

const PARAGRAPHS = [
  `Names may be patterns, with *, ? and [...] as in a shell (in quotes, so that the shell leaves them alone). The
command lists what matches and asks for confirmation. If one cannot be deleted, it still deletes the others.`,
  ASKS_CLOUD,
];

export function addDeleteCommand(keypair: Command): void {
  const command = keypair
    .command('delete')
    .description('delete keypairs')
    .argument('<names...>', 'names or patterns of the keypairs')
    .option('-y, --yes', 'do not ask for confirmation')
    .addOption(userOption())
    .addOption(sharedOption())
    .action(async (names: string[], _own: object, self: Command) => {
      const { deleteKeypairs } = await import('./delete-keypairs.js');
      return deleteKeypairs(names, self.optsWithGlobals<DeleteOptions>());
    });
  addToHelp(command, PARAGRAPHS, [['all that begin with ci-', "latchkey keypair delete 'ci-*'"]]);
}
