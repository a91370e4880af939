import type { Command } from 'commander';
import { collect, type GlobalOptions } from '../global-options.js';
import { addToHelp, ASKS_CLOUD } from '../help-text.js';
import type { CreateOptions } from './credentials.js';

const OWN = 'These are application credentials of Keystone: log-ins for programs, without the password of the user.';

/** `latchkey credential`: the application credentials of the caller. */
export function addCredentialCommand(program: Command): void {
  const credential = program.command('credential').description('manage log-ins for programs (application credentials)');
  const create = credential
    .command('create')
    .description('make a credential for the project in use, and show its secret once')
    .argument('<name>', 'name of the credential')
    .option('--role <name>', 'role that it has; may be given several times (default: all of the log-in)', collect)
    .option('--expires <time>', 'its end: a duration such as 90d, or a time of ISO 8601 (default: none)')
    .option('--unrestricted', 'let its holder make and delete credentials')
    .option('--clouds-yaml', 'print it as a clouds.yaml instead')
    .action(async (name: string, _own: object, self: Command) => {
      const { createCredential } = await import('./credentials.js');
      return createCredential(name, self.optsWithGlobals<CreateOptions>());
    });
  addToHelp(
    create,
    [
      OWN,
      'The secret is not stored. It ends with the credential, and with the role of the user in the project.',
      ASKS_CLOUD,
    ],
    [['for a pipeline', 'latchkey credential create ci --expires 90d --clouds-yaml > ci/clouds.yaml']],
  );
  const list = credential
    .command('list')
    .description('list your credentials')
    .action(async (_own: object, self: Command) => {
      const { listCredentials } = await import('./credentials.js');
      return listCredentials(self.optsWithGlobals<GlobalOptions>());
    });
  addToHelp(list, [OWN, ASKS_CLOUD]);
  const remove = credential
    .command('delete')
    .description('delete credentials, which ends their tokens')
    .argument('<credentials...>', 'names or ids of the credentials')
    .action(async (words: string[], _own: object, self: Command) => {
      const { deleteCredentials } = await import('./credentials.js');
      return deleteCredentials(words, self.optsWithGlobals<GlobalOptions>());
    });
  addToHelp(remove, [OWN, ASKS_CLOUD]);
}
