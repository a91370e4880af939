import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { shellWord } from '../../domain/shell-word.js';
import { UsageError } from '../cli-error.js';
import { type OptionsOf, readPairs } from '../global-options.js';
import { withScript } from '../../domain/vendor-data.js';

import { readListener } from './recipes.js';

/** The options with the properties of a guest. */
export type GuestOptions = OptionsOf<{
  readonly name?: string;
  readonly id?: string;
  readonly hostname?: string;
  readonly key?: readonly string[];
  readonly followKeys?: boolean;
  /** Where the guest asks for its keys; true for the usual address. */
  readonly live?: string | true;
  readonly sshCa?: 'keys' | 'sshd' | 'off';
  readonly sshAccess?: string;
  readonly loginUser?: readonly string[];
  readonly address?: readonly string[];
  readonly metadata?: readonly string[];
  readonly userData?: string;
  readonly vendorData?: string;
  readonly networkData?: string;
  readonly availabilityZone?: string;
  readonly network?: string;
  readonly project?: string;
  readonly user?: string;
}>;

const SSH_CA = { keys: true, sshd: 'sshd', off: false } as const;

/** The fields of a guest that the options name, in the form of the API. */
export function guestFields(options: GuestOptions): Readonly<Record<string, unknown>> {
  const { name, id, hostname, key, address, metadata, userData, networkData } = options;
  const fields = {
    name,
    id,
    hostname,
    key_names: key,
    follow_keys: options.followKeys ?? (options.live === undefined ? undefined : true),
    ssh_ca: options.sshCa && SSH_CA[options.sshCa],
    ssh_access: options.sshAccess,
    login_users: options.loginUser,
    addresses: address,
    metadata: metadata && readPairs('--metadata', metadata),
    user_data: userData === undefined ? undefined : readFile('--user-data', userData).toString('base64'),
    vendor_data: vendorDataOf(options),
    network_data: networkData === undefined ? undefined : readJson('--network-data', networkData),
    availability_zone: options.availabilityZone,
    network: options.network,
    project_id: options.project,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** What the options say, with the script for live keys. */
function vendorDataOf({ vendorData, live, loginUser, followKeys }: GuestOptions): unknown {
  const own = vendorData === undefined ? undefined : readJson('--vendor-data', vendorData);
  if (live === undefined) return own;
  if (!loginUser?.length) throw new UsageError('--live needs --login-user: the accounts that the keys are for.');
  if (followKeys === false) throw new UsageError('--live and --no-follow-keys contradict each other.');
  const listener = live === true ? undefined : readListener('--live', live);
  // The service refuses what is no object.
  if (typeof own !== 'object' && own !== undefined) return own;
  return withScript(own ?? null, liveKeysScript(loginUser, listener?.origin));
}

// The argument may be the content in place of a file name, so messages do not quote it.
function readFile(option: string, file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UsageError(`${option} must name a file that can be read (${code}).`, { cause });
  }
}

function readJson(option: string, file: string): unknown {
  const bytes = readFile(option, file);
  try {
    return JSON.parse(bytes.toString());
  } catch (cause) {
    throw new UsageError(`${option} must name a file of JSON.`, { cause });
  }
}

/** What makes sshd of a guest ask for its keys, as the package holds it. */
const LIVE_KEYS_FILES = ['install.sh', 'latchkey-keys', 'latchkey-keys-write'];
const LIVE_KEYS_DIRECTORY = fileURLToPath(new URL('../../../../deploy/guest/', import.meta.url));

/** A script for the first boot that runs install.sh for accounts; `url` is where the guest reaches the metadata service, if not at the usual address. */
function liveKeysScript(accounts: readonly string[], url: string | undefined): string {
  const files = LIVE_KEYS_FILES.map((name) => {
    const content = readFileSync(`${LIVE_KEYS_DIRECTORY}${name}`).toString('base64').replaceAll(/.{76}/g, '$&\n');
    return `base64 -d > ${name} <<'END'\n${content}\nEND\n`;
  });
  const environment = url === undefined ? '' : `LATCHKEY_URL=${shellWord(url)} `;
  return `#!/bin/sh
# Makes sshd ask Latchkey for the keys of the accounts below at each log-in.
set -eu
cd "$(mktemp -d)"
${files.join('')}${environment}sh install.sh ${accounts.map(shellWord).join(' ')}
rm -r "$PWD"
`;
}
