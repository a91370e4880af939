import { hash } from 'node:crypto';
import { md5 } from './md5.js';

/** The fingerprint of an SSH key: MD5 of its blob. Nova has always shown MD5 here; clients compare it. */
export function sshFingerprint(blob: Uint8Array): string {
  return withColons(md5(blob));
}

/** The fingerprint of a certificate: SHA-1 of its DER, as Nova and `openssl x509 -fingerprint` have it. */
export function certificateFingerprint(der: Uint8Array): string {
  return withColons(hash('sha1', der, 'hex'));
}

/** SHA-256 of the bytes that a fingerprint is of. */
export const sha256 = (bytes: Uint8Array): Buffer => hash('sha256', bytes, 'buffer');

/** A SHA-256 as `ssh-keygen -l` shows it. */
export const showSshSha256 = (digest: Buffer): string => `SHA256:${digest.toString('base64').replace(/=+$/, '')}`;

export function withColons(hex: string): string {
  return hex.replaceAll(/..(?!$)/g, '$&:');
}
