import { ASKS_CLOUD, type Command } from '../command.js';
import { collect } from '../global-options.js';

const OWN = 'These are application credentials of Keystone: log-ins for programs, without the password of the user.';

const work = () => import('./credentials.js');

/** `latchkey credential`: the application credentials of the caller. */
export function addCredentialCommand(program: Command): void {
  const credential = program
    .command('credential')
    .description('manage log-ins for programs (application credentials)')
    .notesBelow(ASKS_CLOUD);
  credential
    .command('create')
    .description('make a credential for the project in use, and show its secret once')
    .argument('<name>', 'name of the credential')
    .option('--role <name>', 'role that it has; may be given several times (default: all of the log-in)', collect)
    .option('--expires <time>', 'its end: a duration such as 90d, or a time of ISO 8601 (default: none)')
    .option('--unrestricted', 'let its holder make and delete credentials')
    .option('--clouds-yaml', 'print it as a clouds.yaml instead')
    .notes(OWN, 'The secret is not stored. It ends with the credential, and with the role of the user in the project.')
    .example('for a pipeline', 'latchkey credential create ci --expires 90d --clouds-yaml > ci/clouds.yaml')
    .lazyAction(async () => (await work()).createCredential);
  credential
    .command('list')
    .description('list your credentials')
    .notes(OWN)
    .lazyAction(async () => (await work()).listCredentials);
  credential
    .command('delete')
    .description('delete credentials, which ends their tokens')
    .argument('<credentials...>', 'names or ids of the credentials')
    .notes(OWN)
    .lazyAction(async () => (await work()).deleteCredentials);
}
