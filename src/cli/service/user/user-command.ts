import type { Command } from '../../command.js';
import { collect } from '../../global-options.js';

const FILE =
  'The users are in the file of IDENTITY_FILE, or else in identity.yaml in DATA_DIR, which a running service reads again within seconds; with IDENTITY_STORE=database, in the database.';
const PASSWORD =
  'The command prompts for the password twice, or reads the first line of standard input if that is not a terminal. --generate prints a random password instead.';
const GENERATE = ['--generate', 'generate a password and show it'] as const;

const work = () => import('./edit-users.js');

/** `latchkey user`: the users of the built-in identity. */
export function addUserCommand(program: Command): void {
  const user = program.command('user').description('manage the users of the built-in identity');
  user
    .command('add')
    .description('add a user')
    .argument('<name>', 'name of the user')
    .option(
      '--project <name>',
      'project of the roles, created if it does not exist (default: one with the name of the user)',
    )
    .option('--role <name>', 'role in the project; may be repeated (default: member)', collect)
    .option('--system-role <name>', 'role on the whole system; may be repeated', collect)
    .option(...GENERATE)
    .notes(PASSWORD, FILE)
    .example('another administrator', 'latchkey user add root --project admin --role admin')
    .lazyAction(async () => (await work()).addUser);
  user
    .command('passwd')
    .description('change the password of a user, which revokes their tokens')
    .argument('<name>', 'name of the user')
    .option(...GENERATE)
    .notes(PASSWORD, FILE)
    .example('with a password from elsewhere', 'pass show alice | latchkey user passwd alice')
    .lazyAction(async () => (await work()).changePassword);
  user
    .command('totp')
    .description('require one-time codes of a user in addition to the password')
    .argument('<name>', 'name of the user')
    .option('--remove', 'require only the password again')
    .notes(
      'The command generates a secret and prints it once: as an otpauth URL and as a QR code for an authenticator. A previous secret becomes invalid. Application credentials of the user require no code.',
      FILE,
    )
    .example('after the loss of the telephone', 'latchkey user totp alice --remove')
    .lazyAction(async () => (await work()).changeCodes);
  user
    .command('list')
    .description('list users with their roles')
    .notes(FILE)
    .lazyAction(async () => (await work()).listUsers);
  user
    .command('remove')
    .description('remove a user but not the keypairs')
    .argument('<name>', 'name of the user')
    .notes(FILE)
    .lazyAction(async () => (await work()).removeUser);
  user
    .command('import')
    .description('import the users and projects of an identity file into the database')
    .argument('<file>', 'the identity file')
    .notes(
      'Users and projects whose ids are already in the database stay unchanged, so the command can be repeated. It imports everything or nothing.',
      'The database is that of DATABASE_URL, or else the embedded one in DATA_DIR, which no service may be using. The service uses it with IDENTITY_STORE=database.',
    )
    .example('the users of a service that used a file', 'latchkey user import data/identity.yaml')
    .lazyAction(async () => (await work()).importUsers);
}
