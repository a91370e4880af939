import { isIPv4 } from 'node:net';
import type { StoredGuest } from '../../persistence/repositories/guest.repository.js';
import { KEY_TYPES } from '../../crypto/key-types.js';
import { deliveredNames } from '../delivery/delivered-names.js';
import type { Ec2Metadata } from './ec2.history.js';

/** A directory of the EC2 tree. Its entries are values, or directories again. */
export interface Directory {
  /** Its entry in the listing of its parent, if not `name/`. */
  readonly listedAs?: string;
  readonly entries: Readonly<Record<string, Entry>>;
}

export type Entry = string | Directory;

/** In place of Nova's flavor name. Without it Talos retries for three minutes. */
const INSTANCE_TYPE = 'generic';

/** Everything under `/VERSION/meta-data`. */
export function ec2MetaData(guest: StoredGuest, api: Ec2Metadata): Directory {
  const { hostname, addresses } = guest;
  const keys = publicKeys(guest);
  return {
    entries: {
      'ami-id': 'ami-00000000',
      'ami-launch-index': '0',
      'ami-manifest-path': 'FIXME',
      hostname,
      'instance-id': instanceId(guest),
      'local-ipv4': addresses.find((each) => isIPv4(each)) ?? '',
      ...(keys && { 'public-keys': keys }),
      'reservation-id': `r-${guest.id.slice(0, 8)}`,
      'security-groups': 'default',
      ...(api.localHostname && { 'local-hostname': hostname, 'public-hostname': hostname, 'public-ipv4': '' }),
      ...(api.instanceType && { 'instance-type': INSTANCE_TYPE }),
      ...(api.blockDevices && { 'block-device-mapping': { entries: { ami: 'vda', root: '/dev/vda' } } }),
      ...(api.placement && { placement: { entries: { 'availability-zone': guest.availabilityZone } } }),
      ...(api.instanceAction && { 'instance-action': 'none' }),
    },
  };
}

/** What a directory lists: a line for each entry, sorted; directories end in a slash. */
export function listing(directory: Directory): string[] {
  return Object.entries(directory.entries)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, entry]) => (typeof entry === 'string' ? name : (entry.listedAs ?? `${name}/`)));
}

/** The entry at a path below a directory; undefined where there is none. */
export function entryAt(directory: Directory, path: readonly string[]): Entry | undefined {
  let entry: Entry = directory;
  for (const name of path) {
    if (typeof entry === 'string' || !Object.hasOwn(entry.entries, name)) return undefined;
    entry = entry.entries[name];
  }
  return entry;
}

/** A directory as in `meta-data.json` of a config drive. */
export function ec2Object(directory: Directory): object {
  return Object.fromEntries(
    Object.entries(directory.entries).map(([name, entry]) => [
      name,
      typeof entry === 'string' ? entry : ec2Object(entry),
    ]),
  );
}

/** SSH keys by number. An empty directory is omitted, since agents would request key 0. */
function publicKeys({ keys }: StoredGuest): Directory | undefined {
  const names = deliveredNames(keys);
  const directories = keys
    .map((key, at) => ({ ...key, name: names[at] }))
    .filter(({ type }) => KEY_TYPES[type].isInEc2)
    .map(({ name, data }, at) => ({ listedAs: `${at}=${name}`, entries: { 'openssh-key': data } }));
  return directories.length > 0 ? { entries: Object.fromEntries(directories.entries()) } : undefined;
}

/** `i-` and eight hexadecimal digits or more; CirrOS waits forty seconds for one that begins with `i-`. */
function instanceId({ number }: StoredGuest): string {
  return `i-${BigInt(number).toString(16).padStart(8, '0')}`;
}
