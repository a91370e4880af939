import { stringify } from 'yaml';
import { KEY_TYPES } from '../crypto/key-types.js';
import type { StoredGuest } from '../persistence/guest.repository.js';
import { networkConfig } from './network-config.js';

/**
 * Texts are quoted: agents read YAML 1.1, in which a host name such as `no` or `2026-01-31` is no text, nor is a MAC address of
 * decimal digits, and that of FreeBSD before 15 (libexec/nuageinit/yaml.lua) knows fewer forms still.
 */
const yaml = (value: object): Buffer =>
  Buffer.from(stringify(value, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' }));

/** The files of cloud-init's data source NoCloud; undefined for one that the guest does not have. */
const FILES: Readonly<Record<string, (guest: StoredGuest) => Buffer | undefined>> = {
  'meta-data': ({ id, hostname, keys }) => {
    const lines = keys.filter(({ type }) => KEY_TYPES[type].isInEc2).map(({ data }) => data);
    // FreeBSD's nuageinit looks for keys under the other name.
    const named = lines.length > 0 && { 'public-keys': lines, public_keys: [...lines] };
    return yaml({ 'instance-id': id, 'local-hostname': hostname, ...named });
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
