import { readFileSync } from 'node:fs';
import { renderUnicodeCompact } from 'uqr';
import type { Config } from '../../../config/config.js';
import { newPassword } from '../../../identity/builtin/store/first-start.js';
import {
  ChangedMeanwhile,
  IdentityEditor,
  NoSuchEdit,
} from '../../../identity/builtin/administration/identity-editor.js';
import { InvalidIdentityFile, readIdentity } from '../../../identity/builtin/store/identity-file.js';
import { identityFile } from '../../../identity/builtin/identity-paths.js';
import { newCodeSecret, otpauthUrl } from '../../../identity/builtin/log-in/one-time-code.js';
import { hashPassword } from '../../../identity/passwords.js';
import { CliError, EXIT } from '../../cli-error.js';
import type { GlobalOptions } from '../../global-options.js';
import { print, printMessage } from '../../output/print.js';
import { showList } from '../../output/show.js';
import { newSecret } from '../../prompt.js';
import { commandLineAudit } from '../command-line-audit.js';
import { serviceConfig } from '../service-config.js';
import type { DatabaseUsers } from './database-users.js';

interface PasswordOptions extends GlobalOptions {
  readonly generate?: boolean;
}

interface CodeOptions extends GlobalOptions {
  readonly remove?: boolean;
}

interface AddOptions extends PasswordOptions {
  readonly project?: string;
  readonly role?: readonly string[];
  readonly systemRole?: readonly string[];
}

/** Adds a user; by default a member of a project of the same name. */
export async function addUser(name: string, options: AddOptions): Promise<void> {
  const { role: roles = ['member'], systemRole: systemRoles = [] } = options;
  const projectRoles = { [options.project ?? name]: roles };
  await editPassword('user.add', name, options, (users, passwordHash) =>
    users.add({ name, passwordHash, projectRoles, systemRoles }),
  );
  if (!options.quiet) printMessage(`Added: ${name}.`);
}

export async function changePassword(name: string, options: PasswordOptions): Promise<void> {
  await editPassword('user.password', name, options, (users, passwordHash) => users.setPassword(name, passwordHash));
  if (!options.quiet) printMessage(`Changed the password of ${name}.`);
}

/** Gives a user a new secret for one-time codes, as a URL and a QR code, or removes it. */
export async function changeCodes(name: string, { remove, quiet }: CodeOptions): Promise<void> {
  if (remove) {
    await edit('user.totp.remove', name, (users) => users.setCodeSecret(name, undefined));
    if (!quiet) printMessage(`${name} logs in without one-time codes.`);
    return;
  }
  const secret = newCodeSecret();
  await edit('user.totp', name, (users) => users.setCodeSecret(name, secret));
  const url = otpauthUrl(name, secret);
  await print(`${url}\n${renderUnicodeCompact(url, { border: 2 })}\n`);
  if (!quiet)
    printMessage(`${name} now logs in with the password and a one-time code. Scan the QR code with an authenticator.`);
}

export async function removeUser(name: string, options: GlobalOptions): Promise<void> {
  await edit('user.remove', name, (users) => users.remove(name));
  if (!options.quiet) printMessage(`Removed: ${name}.`);
}

export async function listUsers(options: GlobalOptions): Promise<void> {
  const config = serviceConfig();
  const directory =
    config.identityStore === 'database'
      ? await inDatabase(config, (users) => users.directory())
      : await explainErrors(() => readIdentity(readFileSync(identityFile(config), 'utf8')));
  const rows = directory.users.map((user) => ({
    Name: user.name,
    ID: user.id,
    Enabled: user.enabled ? 'yes' : 'no',
    Roles: [
      ...directory.projectsOf(user).map(({ id, name }) => `${name}: ${user.projectRoles.get(id)!.join(', ')}`),
      ...(user.systemRoles.length > 0 ? [`system: ${user.systemRoles.join(', ')}`] : []),
    ].join('; '),
  }));
  await showList(['Name', 'ID', 'Enabled', 'Roles'], rows, options);
}

/** Imports the users and projects of a file into the database; existing ones stay unchanged. */
export async function importUsers(file: string, options: GlobalOptions): Promise<void> {
  const config = serviceConfig();
  const directory = await explainErrors(() => readIdentity(readFileSync(file, 'utf8')));
  const audit = commandLineAudit(config);
  const imported = await inDatabase(config, (users) => users.import(directory));
  if (!imported) {
    throw new CliError(
      'A user or project of the file has the name of another one in the database. Nothing was imported; rename one of the two.',
      EXIT.conflict,
    );
  }
  audit([{ action: 'user.import', owner: undefined, name: file }]);
  if (options.quiet) return;
  printMessage(`Imported: ${imported.users} users and ${imported.projects} projects.`);
  if (config.identityStore === 'file') printMessage('The service uses them with IDENTITY_STORE=database.');
}

/** Who can be edited: in the file or in the database. */
type EditedUsers = Pick<DatabaseUsers, 'add' | 'setPassword' | 'setCodeSecret' | 'remove'>;

/** Edits, saves and audits; `work` returns the id of the user. */
async function edit(action: string, name: string, work: (users: EditedUsers) => Promise<string>): Promise<void> {
  const config = serviceConfig();
  const audited = async (users: EditedUsers, save = (): void => {}): Promise<void> => {
    const audit = commandLineAudit(config);
    const owner = await explainErrors(() => work(users));
    await explainErrors(save);
    audit([{ action, owner, name }]);
  };
  if (config.identityStore === 'database') return inDatabase(config, (users) => audited(users));
  const editor = await explainErrors(() => IdentityEditor.open(identityFile(config)));
  return audited(
    {
      add: async (user) => editor.add(user),
      setPassword: async (user, hash) => editor.setPassword(user, hash),
      setCodeSecret: async (user, secret) => editor.setCodeSecret(user, secret),
      remove: async (user) => editor.remove(user),
    },
    () => editor.save(),
  );
}

async function inDatabase<T>(config: Config, use: (users: DatabaseUsers) => Promise<T>): Promise<T> {
  const [{ requireMigrated, withDatabase }, { DatabaseUsers }] = await Promise.all([
    import('../with-database.js'),
    import('./database-users.js'),
  ]);
  return withDatabase(config, async (source) => {
    await requireMigrated(source, config);
    return use(DatabaseUsers.of(source, config));
  });
}

/** Puts what can go wrong with the file into words for people. */
async function explainErrors<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof NoSuchEdit) {
      throw new CliError(cause.message, cause.kind === 'taken' ? EXIT.conflict : EXIT.notFound, { cause });
    }
    if (cause instanceof ChangedMeanwhile) throw new CliError(cause.message, EXIT.failed, { cause });
    if (cause instanceof InvalidIdentityFile) {
      const lines = cause.problems.map((each) => `  ${each}`);
      throw new CliError(['The identity file cannot be used:', ...lines].join('\n'), EXIT.config, { cause });
    }
    const { code, syscall } = cause as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined) throw cause;
    const hint = code === 'ENOENT' ? ' The first start of the service makes it.' : '';
    throw new CliError(`The identity file cannot be read or written (${code}).${hint}`, EXIT.config, { cause });
  }
}

const REFUSALS = {
  differ: 'The two passwords differ; nothing was changed.',
  empty: 'The password is empty; nothing was changed.',
};

/** Stores a password, which is generated here or typed, and prints it if it was generated. */
async function editPassword(
  action: string,
  name: string,
  { generate }: PasswordOptions,
  store: (users: EditedUsers, passwordHash: string) => Promise<string>,
): Promise<void> {
  let password = '';
  await edit(action, name, async (users) => {
    password = generate ? newPassword() : await newSecret('Password: ', REFUSALS);
    return store(users, await hashPassword(password));
  });
  if (generate) await print(`${password}\n`);
}
