import type { Command } from '../../command.js';
import { collect } from '../../global-options.js';

const FILE =
  'The users are in the file of IDENTITY_FILE, or else in identity.yaml in DATA_DIR, which a running service reads again within seconds; with IDENTITY_STORE=database, in the database.';
const PASSWORD =
  'The command prompts for the password twice, or reads the first line of standard input if that is not a terminal. --generate makes a random password and prints it.';
const GENERATE = ['--generate', 'make a password and show it'] as const;

const work = () => import('./edit-users.js');

/** `latchkey user`: the users of the built-in identity. */
export function addUserCommand(program: Command): void {
  const user = program.command('user').description('manage the users of the built-in identity');
  user
    .command('add')
    .description('add a user')
    .argument('<name>', 'name of the user')
    .option('--project <name>', 'project of the roles, created if it does not exist (default: named as the user)')
    .option('--role <name>', 'role in the project; may be given several times (default: member)', collect)
    .option('--system-role <name>', 'role on the whole system; may be given several times', collect)
    .option(...GENERATE)
    .notes(PASSWORD, FILE)
    .example('another administrator', 'latchkey user add root --project admin --role admin')
    .lazyAction(async () => (await work()).addUser);
  user
    .command('passwd')
    .description('change the password of a user, which revokes their tokens')
    .argument('<name>', 'who')
    .option(...GENERATE)
    .notes(PASSWORD, FILE)
    .example('with a password from elsewhere', 'pass show alice | latchkey user passwd alice')
    .lazyAction(async () => (await work()).changePassword);
  user
    .command('totp')
    .description('require one-time codes of a user, besides the password')
    .argument('<name>', 'who')
    .option('--remove', 'require the password alone again')
    .notes(
      'The command makes a new secret, and prints it once: as an otpauth URL and as a QR code for an authenticator. An older secret is invalid from then on. Application credentials of the user need no code.',
      FILE,
    )
    .example('a lost telephone', 'latchkey user totp alice --remove')
    .lazyAction(async () => (await work()).changeCodes);
  user
    .command('list')
    .description('list users with their roles')
    .notes(FILE)
    .lazyAction(async () => (await work()).listUsers);
  user
    .command('remove')
    .description('remove a user; the keypairs stay')
    .argument('<name>', 'who')
    .notes(FILE)
    .lazyAction(async () => (await work()).removeUser);
  user
    .command('import')
    .description('import the users and projects of an identity file into the database')
    .argument('<file>', 'the identity file')
    .notes(
      'Users and projects that the database has already, by their ids, stay as they are, so the command may run twice. It imports all or nothing.',
      'The database is that of DATABASE_URL, or else the embedded one in DATA_DIR, which no service may be using. The service uses it with IDENTITY_STORE=database.',
    )
    .example('the users of a service that used a file', 'latchkey user import data/identity.yaml')
    .lazyAction(async () => (await work()).importUsers);
}
