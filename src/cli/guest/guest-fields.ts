import { readFileSync } from 'node:fs';
import { UsageError } from '../cli-error.js';
import type { OptionsOf } from '../global-options.js';
import { readPairs } from '../read-pairs.js';

/** The options with the properties of a guest. */
export type GuestOptions = OptionsOf<{
  readonly name?: string;
  readonly id?: string;
  readonly hostname?: string;
  readonly key?: readonly string[];
  readonly followKeys?: boolean;
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
  const { name, id, hostname, key, address, metadata, userData, vendorData, networkData } = options;
  const fields = {
    name,
    id,
    hostname,
    key_names: key,
    follow_keys: options.followKeys,
    ssh_ca: options.sshCa && SSH_CA[options.sshCa],
    ssh_access: options.sshAccess,
    login_users: options.loginUser,
    addresses: address,
    metadata: metadata && readPairs('--metadata', metadata),
    user_data: userData === undefined ? undefined : readFile('--user-data', userData).toString('base64'),
    vendor_data: vendorData === undefined ? undefined : readJson('--vendor-data', vendorData),
    network_data: networkData === undefined ? undefined : readJson('--network-data', networkData),
    availability_zone: options.availabilityZone,
    network: options.network,
    project_id: options.project,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
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
