import { CliError, EXIT, UsageError } from '../cli-error.js';
import { requireFree, writePrivateOutput } from '../files/private-output.js';
import type { GlobalOptions, OptionsOf } from '../global-options.js';
import { print, printMessage } from '../output/print.js';
import { withProgress } from '../output/progress.js';
import { printJson, showPart, showRecord, showResult } from '../output/show.js';
import { guestFields, type GuestOptions } from './guest-fields.js';
import { fileInTar, type GuestListWish, withGuest, withGuests } from './guests.js';

type UserOption = OptionsOf<{ readonly user?: string }>;
type GuestListOptions = OptionsOf<GuestListWish & { readonly user?: string }>;
type PasswordOptions = OptionsOf<{ readonly user?: string; readonly privateKey: string }>;
type RecipeOptions = OptionsOf<{
  readonly user?: string;
  readonly for: string;
  readonly url?: string;
  readonly nocloudToken?: boolean;
}>;
type ConfigDriveOptions = OptionsOf<{
  readonly user?: string;
  readonly output: string;
  readonly tar?: boolean;
  readonly source?: string;
  readonly filesystem?: string;
  readonly force?: boolean;
}>;

/** Registers a guest; its keypairs are copied, so that deleting them later changes nothing. */
export async function createGuest(name: string, options: GuestOptions): Promise<void> {
  const guest = await withGuests(options, (guests) => guests.create(guestFields({ ...options, name })));
  await showResult(guest, options);
}

export async function listGuests(options: GuestListOptions): Promise<void> {
  const { items, more } = await withProgress(
    'Listing guests',
    () => withGuests(options, (each) => each.list(options)),
    options.quiet,
  );
  const user = options.allUsers ? ['User'] : [];
  const columns = ['ID', 'Name', ...user, 'Hostname', 'Addresses', 'Keypairs', 'Last Fetched'];
  const rows = items.map((guest) => ({
    ID: guest.id,
    User: guest.user_id,
    Name: guest.name,
    Hostname: guest.hostname,
    Addresses: guest.addresses.join(', '),
    Keypairs: guest.key_names.join(', '),
    'Last Fetched': guest.last_fetched_at,
  }));
  await showPart(columns, rows, more, options);
}

export async function showOneGuest(text: string, options: UserOption): Promise<void> {
  await showResult(await withGuest(text, options, (guests, id) => guests.show(id)), options);
}

/** Changes only what the options name. */
export async function updateGuest(text: string, options: GuestOptions): Promise<void> {
  const fields = guestFields(options);
  if (Object.keys(fields).length === 0) {
    throw new UsageError('Nothing is to be changed; see "latchkey guest update --help".');
  }
  const guest = await withGuest(text, options, (guests, id) => guests.change(id, fields));
  await showResult(guest, options);
}

/** Deletes guests by id or name; all are looked up before the first is deleted. */
export async function deleteGuests(texts: readonly string[], options: UserOption): Promise<void> {
  await withGuests(options, async (guests) => {
    const ids: string[] = [];
    for (const text of texts) ids.push(await guests.idOf(text));
    for (const [at, id] of ids.entries()) {
      await guests.delete(id);
      if (!options.quiet) printMessage(`Deleted ${texts[at]}.`);
    }
  });
}

/** Prints the meta_data.json that the guest reads, as it is on its config drive. */
export async function showMetadata(text: string, options: UserOption): Promise<void> {
  const metadata = await readMetadata(text, options);
  if (metadata === undefined) throw new CliError('The config drive has no openstack/latest/meta_data.json.');
  if (options.format !== undefined || options.column !== undefined) return showRecord(metadata, options);
  return printJson(metadata);
}

async function readMetadata(text: string, options: UserOption): Promise<Readonly<Record<string, unknown>> | undefined> {
  const archive = await withGuest(text, options, (guests, id) => guests.configDrive(id, 'tar'));
  const found = fileInTar(archive, 'openstack/latest/meta_data.json');
  return found && (JSON.parse(found.toString()) as Record<string, unknown>);
}

/** Writes the config drive, which holds user data and so is for its owner alone, to a file or standard output. */
export async function writeConfigDrive(text: string, options: ConfigDriveOptions): Promise<void> {
  const { output, tar = false, source, filesystem, force = false } = options;
  if (output !== '-') requireFree(output, force);
  else if (process.stdout.isTTY) {
    throw new UsageError('A config drive is no text for a terminal; name a file with --output, or use a pipe.');
  }
  const drive = await withProgress(
    'Making the config drive',
    () =>
      withGuest(text, options, (guests, id) => guests.configDrive(id, tar ? 'tar' : 'image', { source, filesystem })),
    options.quiet,
  );
  if (output === '-') return print(drive);
  writePrivateOutput(output, drive, force).keep();
  if (!options.quiet) printMessage(`The config drive of ${text} is in ${output}.`);
}

/** Prints what a hypervisor needs, to paste. */
export async function showRecipe(text: string, options: RecipeOptions): Promise<void> {
  const { readListener, recipeFor, requireTokenUse } = await import('./recipes.js');
  const listener = readListener('--url', options.url);
  if (options.nocloudToken) requireTokenUse(options.for);
  const recipe = await withGuest(text, options, async (guests, id) => {
    const guest = await guests.show(id);
    const drive = () => guests.configDrive(guest.id, 'tar', { source: 'nocloud' });
    const withToken = (token?: string) => recipeFor(options.for, { guest, listener, token, drive });
    if (!options.nocloudToken) return withToken();
    // A recipe that cannot be written must not end the former token.
    await withToken('x'.repeat(43));
    return withToken(await guests.createNoCloudToken(guest.id));
  });
  return print(recipe);
}

export async function revokeNoCloudToken(text: string, options: UserOption): Promise<void> {
  await withGuest(text, options, (guests, id) => guests.revokeNoCloudToken(id));
  if (!options.quiet) printMessage(`Revoked the NoCloud token of ${text}.`);
}

/** Prints the password that a Windows guest has set, decrypted with the private key in a file. */
export async function showPassword(text: string, options: PasswordOptions): Promise<void> {
  const encrypted = await withGuest(text, options, (guests, id) => guests.password(id));
  if (encrypted === '') {
    throw new CliError(`The guest ${text} has left no password yet; wait for cloudbase-init to finish.`, EXIT.notFound);
  }
  const { decryptPassword } = await import('./guest-password.js');
  const password = await decryptPassword(encrypted, options.privateKey);
  if (options.format === undefined) return print(`${password}\n`);
  return showRecord({ password }, options);
}

/** Prints the SSH keys that the guest receives, a line each. */
export async function printGuestKeys(text: string, options: UserOption): Promise<void> {
  const { public_keys: keys = {} } = (await readMetadata(text, options)) ?? {};
  const lines = Object.values(keys as Record<string, string>).map((line) => `${line.trim()}\n`);
  return print(lines.join(''));
}

/** Prints what a client needs to know guests by their host keys. */
export async function printKnownHosts(options: GlobalOptions): Promise<void> {
  const found = await withGuests(options, async (guests) => {
    const pages: string[] = [];
    for await (const page of guests.knownHosts()) pages.push(page);
    return pages.join('');
  });
  if (found === '' && !options.quiet) return printMessage('No guest has reported its host keys yet.');
  return print(found);
}

export async function forgetHostKeys(text: string, options: UserOption): Promise<void> {
  await withGuest(text, options, (guests, id) => guests.forgetHostKeys(id));
  if (!options.quiet) printMessage(`Forgot the host keys of ${text}.`);
}
