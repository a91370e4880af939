import { ASKS_CLOUD, type Command } from '../command.js';
import { collect } from '../global-options.js';

const OWN = 'These are application credentials of Keystone: log-ins for programs, without the password of the user.';

const work = () => import('./credentials.js');

/** `latchkey credential`: the application credentials of the caller. */
export function addCredentialCommand(program: Command): void {
  const credential = program
    .command('credential')
    .description('manage application credentials, which are log-ins for programs')
    .notesBelow(ASKS_CLOUD);
  credential
    .command('create')
    .description('create a credential for the current project and show its secret once')
    .argument('<name>', 'name of the credential')
    .option('--role <name>', 'role of the credential; may be repeated (default: all roles of the log-in)', collect)
    .option('--expires <time>', 'when it expires: a duration such as 90d, or an ISO 8601 time (default: never)')
    .option('--unrestricted', 'permit the credential to create and delete credentials')
    .option('--clouds-yaml', 'print a clouds.yaml instead')
    .notes(
      OWN,
      'The service stores only the hash of the secret. The credential becomes invalid when the user loses the role in the project.',
    )
    .example('for a pipeline', 'latchkey credential create ci --expires 90d --clouds-yaml > ci/clouds.yaml')
    .lazyAction(async () => (await work()).createCredential);
  credential
    .command('list')
    .description('list your credentials')
    .notes(OWN)
    .lazyAction(async () => (await work()).listCredentials);
  credential
    .command('delete')
    .description('delete credentials, which invalidates their tokens')
    .argument('<credentials...>', 'names or ids of the credentials')
    .notes(OWN)
    .lazyAction(async () => (await work()).deleteCredentials);
}
