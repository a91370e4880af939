import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { newPassword } from '../../../identity/builtin/first-start.js';
import { ChangedMeanwhile, IdentityEditor, NoSuchEdit } from '../../../identity/builtin/identity-editor.js';
import { InvalidIdentityFile, readIdentity } from '../../../identity/builtin/identity-file.js';
import { identityFile } from '../../../identity/builtin/identity-paths.js';
import { hashPassword } from '../../../identity/passwords.js';
import { CliError } from '../../cli-error.js';
import { EXIT } from '../../exit-codes.js';
import type { GlobalOptions } from '../../global-options.js';
import { print, printMessage } from '../../output/print.js';
import { showList } from '../../output/show.js';
import { askSecret } from '../../prompt.js';
import { commandLineAudit } from '../command-line-audit.js';
import { serviceConfig } from '../service-config.js';

export interface PasswordOptions extends GlobalOptions {
  readonly generate?: boolean;
}

export interface AddOptions extends PasswordOptions {
  readonly project?: string;
  readonly role: readonly string[];
  readonly systemRole: readonly string[];
}

/** Adds a user, a member of a project of the same name unless told otherwise. */
export async function addUser(name: string, options: AddOptions): Promise<void> {
  const editor = openEditor();
  const password = await readPassword(options);
  const passwordHash = await hashPassword(password);
  const roles = options.role.length > 0 ? options.role : ['member'];
  const projectRoles = { [options.project ?? name]: roles };
  const { systemRole: systemRoles } = options;
  save(editor, 'user.add', name, () => editor.add({ name, passwordHash, projectRoles, systemRoles }));
  if (options.generate) await print(`${password}\n`);
  if (!options.quiet) printMessage(`Added: ${name}.`);
}

export async function changePassword(name: string, options: PasswordOptions): Promise<void> {
  const editor = openEditor();
  const password = await readPassword(options);
  const passwordHash = await hashPassword(password);
  save(editor, 'user.password', name, () => editor.setPassword(name, passwordHash));
  if (options.generate) await print(`${password}\n`);
  if (!options.quiet) printMessage(`Changed the password of ${name}.`);
}

export function removeUser(name: string, options: GlobalOptions): void {
  const editor = openEditor();
  save(editor, 'user.remove', name, () => editor.remove(name));
  if (!options.quiet) printMessage(`Removed: ${name}.`);
}

export async function listUsers(options: GlobalOptions): Promise<void> {
  const directory = explainErrors(() => readIdentity(readFileSync(identityFile(serviceConfig()), 'utf8')));
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

function openEditor(): IdentityEditor {
  const path = identityFile(serviceConfig());
  return explainErrors(() => IdentityEditor.open(path));
}

/** Edits, saves and audits. `edit` gives the id of the user. */
function save(editor: IdentityEditor, action: string, name: string, edit: () => string): void {
  const audit = commandLineAudit(serviceConfig());
  const owner = explainErrors(() => {
    const id = edit();
    editor.save();
    return id;
  });
  audit([{ action, owner, name }]);
}

/** Puts what can go wrong with the file into words for people. */
function explainErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof NoSuchEdit) {
      throw new CliError(cause.message, cause.kind === 'taken' ? EXIT.conflict : EXIT.notFound, { cause });
    }
    if (cause instanceof ChangedMeanwhile) throw new CliError(cause.message, EXIT.failed, { cause });
    if (cause instanceof InvalidIdentityFile) {
      const says = cause.problems.map((each) => `  ${each}`);
      throw new CliError(['The identity file cannot be used:', ...says].join('\n'), EXIT.config, { cause });
    }
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    const hint = code === 'ENOENT' ? ' The first start of the service makes it.' : '';
    throw new CliError(`The identity file cannot be read or written (${code}).${hint}`, EXIT.config, { cause });
  }
}

/** A password of its own, one that is typed twice, or the first line of the standard input. Throws CliError. */
async function readPassword({ generate }: PasswordOptions): Promise<string> {
  if (generate) return newPassword();
  const password = process.stdin.isTTY ? await promptTwice() : (await text(process.stdin)).split(/\r?\n/, 1)[0];
  if (password === '') throw new CliError('The password is empty; nothing was changed.', EXIT.usage);
  return password;
}

async function promptTwice(): Promise<string> {
  const password = await askSecret('Password: ');
  if (password !== (await askSecret('The same again: '))) {
    throw new CliError('The two passwords differ; nothing was changed.', EXIT.usage);
  }
  return password;
}
