import { stringify } from 'yaml';
import { KEY_TYPES } from '../../crypto/key-types.js';
import { cloudInitParts } from '../../domain/vendor-data.js';
import type { StoredGuest } from '../../persistence/repositories/guest.repository.js';
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
    const parts = cloudInitParts(vendorData);
    if (parts.length === 0) return undefined;
    return Buffer.from(parts.length === 1 ? parts[0] : multipart(parts));
  },
  'network-config': ({ networkData }) => (networkData === null ? undefined : yaml(networkConfig(networkData))),
};

export const NOCLOUD_FILES: readonly string[] = Object.keys(FILES);

/** One of the files; undefined if there is no such file. */
export function noCloudFile(guest: StoredGuest, name: string): Buffer | undefined {
  return Object.hasOwn(FILES, name) ? FILES[name](guest) : undefined;
}

/** Several parts in one file, as cloud-init reads it: MIME (RFC 2046, 5.1); what a part is follows from its first line. */
function multipart(parts: readonly string[]): string {
  const boundary = 'latchkey-part';
  const written = parts.map((part) => {
    const content = Buffer.from(part).toString('base64').replaceAll(/.{76}/g, '$&\n');
    return `--${boundary}\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n${content}\n`;
  });
  return `Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\n\n${written.join('')}--${boundary}--\n`;
}
