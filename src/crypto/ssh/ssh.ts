import { decodeBase64 } from '../asn1/base64.js';
import { sshFingerprint } from '../fingerprint.js';
import type { KeyPolicy } from '../key-type.js';
import { InvalidKey } from '../invalid-key.js';
import { CERTIFICATE_SUFFIX, readSshCertificate } from './ssh-certificate.js';
import { OLD_SSH_FORMATS, SSH_FORMATS } from './ssh-formats.js';
import { readSshLine } from './ssh-line.js';
import { refuseType, type SshLine } from './ssh-type.js';
import { SshWire } from './ssh-wire.js';
import { withoutUnsafeCharacters } from '../unsafe-text.js';

/** A good SSH public key. */
export interface SshPublicKey {
  readonly type: string;
  readonly blob: Buffer;
  readonly comment: string;
  readonly fingerprint: string;
  /** The number by which lists know the key. */
  readonly number: Buffer;
}

/** Reads an SSH public key as `ssh-keygen` writes it, or throws InvalidKey. */
export function parseSshPublicKey(text: string, policy: KeyPolicy = 'strict'): SshPublicKey {
  const line = readSshLine(text);
  const { blob, number } = readBlob(line, policy);
  return { type: line.type, blob, comment: line.comment, fingerprint: sshFingerprint(blob), number };
}

/** A key as a line, written from its parsed parts. */
export function sshLine({ type, blob, comment }: Pick<SshPublicKey, 'type' | 'blob' | 'comment'>): string {
  return [type, blob.toString('base64'), comment].join(' ').trimEnd();
}

/** A stored key: of its first line, since it may have been stored under another policy, or by a Nova that kept several keys. */
export function parseStoredKey(text: string): SshPublicKey {
  const [line] = text.split(/[\r\n]/, 1);
  return parseSshPublicKey(withoutUnsafeCharacters(line), 'nova');
}

/** A stored key rewritten for guests; the rest of its text is not passed on. */
export function sshLineForGuest(text: string): string {
  return sshLine(parseStoredKey(text));
}

function readBlob(line: SshLine, policy: KeyPolicy): { blob: Buffer; number: Buffer } {
  const isCertificate = policy === 'nova' && line.type.endsWith(CERTIFICATE_SUFFIX);
  const plainType = isCertificate ? line.type.slice(0, -CERTIFICATE_SUFFIX.length) : line.type;
  const format = SSH_FORMATS.get(plainType) ?? (policy === 'nova' ? OLD_SSH_FORMATS.get(plainType) : undefined);
  if (format === undefined) throw refuseType(line);

  const blob = decodeBase64(line.base64);
  if (blob === undefined)
    throw new InvalidKey('not-base64', 'the key is not clean base64; copy the whole line as it is in the .pub file.');
  const wire = new SshWire(blob);
  if (wire.name('the type') !== line.type) {
    throw new InvalidKey(
      'type-mismatch',
      'the type before the key is not the type inside it; copy the whole line as it is in the .pub file.',
    );
  }
  const number = isCertificate ? readSshCertificate(format, wire, policy) : format(wire, policy);
  wire.end();
  return { blob, number };
}
