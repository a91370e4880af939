import { type Command, Option } from 'commander';
import { addToHelp } from '../help-text.js';
import type { CheckOptions } from './check-key.js';

const PARAGRAPHS = [
  `The file is read as the service reads it, on this machine; nothing is sent. The exit status is 0 when the key is good under
the policy, and 1 when it is refused. Keys in the file of WEAK_KEYS_FILE are refused, as by a service with that setting.`,
];

export function addCheckCommand(keypair: Command): void {
  const command = keypair
    .command('check')
    .description('check whether the service accepts a public key or certificate')
    .argument('<file>', 'the public key or certificate; - is standard input')
    .addOption(
      new Option('--policy <name>', 'strict, the usual one, or nova, which takes all that Nova takes')
        .choices(['strict', 'nova'])
        .default('strict'),
    )
    .action(async (file: string, _own: object, self: Command) => {
      const { checkKey } = await import('./check-key.js');
      return checkKey(file, self.optsWithGlobals<CheckOptions>());
    });
  addToHelp(command, PARAGRAPHS, [['your own key', 'latchkey keypair check ~/.ssh/id_ed25519.pub']]);
}
