import type { Command } from 'commander';
import { addToHelp, ASKS_CLOUD } from '../help-text.js';
import type { DeleteOptions } from './delete-keypairs.js';
import { userOption } from './keypair-options.js';

const PARAGRAPHS = [
  `Names may be patterns, with *, ? and [...] as in a shell (in quotes, so that the shell leaves them alone). What matches is
shown and asked about first. When one of several cannot be deleted, the others are deleted nevertheless.`,
  ASKS_CLOUD,
];

export function addDeleteCommand(keypair: Command): void {
  const command = keypair
    .command('delete')
    .description('delete keypairs')
    .argument('<names...>', 'what the keypairs are called')
    .option('-y, --yes', 'do not ask')
    .addOption(userOption())
    .action(async (names: string[], _own: object, self: Command) => {
      const { deleteKeypairs } = await import('./delete-keypairs.js');
      return deleteKeypairs(names, self.optsWithGlobals<DeleteOptions>());
    });
  addToHelp(command, PARAGRAPHS, [['all that begin with ci-', "latchkey keypair delete 'ci-*'"]]);
}
