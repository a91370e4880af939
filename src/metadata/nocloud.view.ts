import { stringify } from 'yaml';
import { KEY_TYPES } from '../crypto/key-types.js';
import type { StoredGuest } from '../persistence/guest.repository.js';
import { networkConfig } from './network-config.js';

const yaml = (value: object): Buffer => Buffer.from(stringify(value, { lineWidth: 0 }));

/** The files of cloud-init's data source NoCloud; undefined for one that the guest does not have. */
const FILES: Readonly<Record<string, (guest: StoredGuest) => Buffer | undefined>> = {
  'meta-data': ({ id, hostname, keys }) => {
    const lines = keys.filter(({ type }) => KEY_TYPES[type].isInEc2).map(({ data }) => data);
    return yaml({ 'instance-id': id, 'local-hostname': hostname, ...(lines.length > 0 && { 'public-keys': lines }) });
  },
  // Agents give up without one.
  'user-data': ({ userData }) => Buffer.from(userData ?? '', 'base64'),
  // The part of OpenStack's vendor data that cloud-init takes; NoCloud has it as it is.
  'vendor-data': ({ vendorData }) => {
    const { 'cloud-init': part }: { 'cloud-init'?: unknown } = vendorData ?? {};
    return typeof part === 'string' ? Buffer.from(part) : undefined;
  },
  'network-config': ({ networkData }) => (networkData === null ? undefined : yaml(networkConfig(networkData))),
};

export const NOCLOUD_FILES: readonly string[] = Object.keys(FILES);

/** One of the files; undefined if there is no such file. */
export function noCloudFile(guest: StoredGuest, name: string): Buffer | undefined {
  return Object.hasOwn(FILES, name) ? FILES[name](guest) : undefined;
}
