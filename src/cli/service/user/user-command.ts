import type { Command } from 'commander';
import { collect, type GlobalOptions } from '../../global-options.js';
import { addToHelp } from '../../help-text.js';
import type { AddOptions, CodeOptions, PasswordOptions } from './edit-users.js';

const FILE =
  'The users are in the file of IDENTITY_FILE, or else in identity.yaml in DATA_DIR, which a running service reads again within seconds; with IDENTITY_STORE=database, in the database.';
const PASSWORD =
  'The command prompts for the password twice, or reads the first line of standard input if that is not a terminal. --generate makes a random password and prints it.';

/** `latchkey user`: the users of the built-in identity. */
export function addUserCommand(program: Command): void {
  const user = program.command('user').description('manage the users of the built-in identity');
  addAdd(user);
  const passwd = user
    .command('passwd')
    .description('change the password of a user, which revokes their tokens')
    .argument('<name>', 'who')
    .option('--generate', 'make a password and show it')
    .action(async (name: string, _own: object, self: Command) => {
      const { changePassword } = await import('./edit-users.js');
      return changePassword(name, self.optsWithGlobals<PasswordOptions>());
    });
  addToHelp(
    passwd,
    [PASSWORD, FILE],
    [['with a password from elsewhere', 'pass show alice | latchkey user passwd alice']],
  );
  const totp = user
    .command('totp')
    .description('require one-time codes of a user, besides the password')
    .argument('<name>', 'who')
    .option('--remove', 'require the password alone again')
    .action(async (name: string, _own: object, self: Command) => {
      const { changeCodes } = await import('./edit-users.js');
      return changeCodes(name, self.optsWithGlobals<CodeOptions>());
    });
  addToHelp(
    totp,
    [
      'The command makes a new secret, and prints it once: as an otpauth URL and as a QR code for an authenticator. An older secret is invalid from then on. Application credentials of the user need no code.',
      FILE,
    ],
    [['a lost telephone', 'latchkey user totp alice --remove']],
  );
  const list = user
    .command('list')
    .description('list users with their roles')
    .action(async (_own: object, self: Command) => {
      const { listUsers } = await import('./edit-users.js');
      return listUsers(self.optsWithGlobals<GlobalOptions>());
    });
  addToHelp(list, [FILE]);
  const remove = user
    .command('remove')
    .description('remove a user; the keypairs stay')
    .argument('<name>', 'who')
    .action(async (name: string, _own: object, self: Command) => {
      const { removeUser } = await import('./edit-users.js');
      return removeUser(name, self.optsWithGlobals<GlobalOptions>());
    });
  addToHelp(remove, [FILE]);
  const take = user
    .command('import')
    .description('import the users and projects of an identity file into the database')
    .argument('<file>', 'the identity file')
    .action(async (file: string, _own: object, self: Command) => {
      const { importUsers } = await import('./edit-users.js');
      return importUsers(file, self.optsWithGlobals<GlobalOptions>());
    });
  addToHelp(
    take,
    [
      'Users and projects that the database has already, by their ids, stay as they are, so the command may run twice. It imports all or nothing.',
      'The database is that of DATABASE_URL, or else the embedded one in DATA_DIR, which no service may be using. The service uses it with IDENTITY_STORE=database.',
    ],
    [['the users of a service that used a file', 'latchkey user import data/identity.yaml']],
  );
}

function addAdd(user: Command): void {
  const add = user
    .command('add')
    .description('add a user')
    .argument('<name>', 'name of the user')
    .option('--project <name>', 'project of the roles, created if it does not exist (default: named as the user)')
    .option('--role <name>', 'role in the project; may be given several times (default: member)', collect)
    .option('--system-role <name>', 'role on the whole system; may be given several times', collect)
    .option('--generate', 'make a password and show it')
    .action(async (name: string, _own: object, self: Command) => {
      const { addUser } = await import('./edit-users.js');
      return addUser(name, self.optsWithGlobals<AddOptions>());
    });
  addToHelp(add, [PASSWORD, FILE], [['another administrator', 'latchkey user add root --project admin --role admin']]);
}
