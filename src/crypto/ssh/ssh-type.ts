import { CERTIFICATE_SUFFIX } from './ssh-certificate.js';
import { OLD_SSH_FORMATS, SSH_FORMATS } from './ssh-formats.js';
import { InvalidKey } from '../invalid-key.js';

/** A key as a line: `type base64 comment`. */
export interface SshLine {
  readonly type: string;
  readonly base64: string;
  readonly comment: string;
}

const ACCEPTED_TYPES = `send one of ${[...SSH_FORMATS.keys()].join(', ')}`;

/** Whether a text begins as an SSH key does, whatever follows. */
export function beginsLikeSshKey(text: string): boolean {
  const first = /^\s*(\S+)/.exec(text)?.[1] ?? '';
  return isSshType(first);
}

/** Whether a word is the type of an SSH key or certificate. */
export function isSshType(word: string): boolean {
  const plain = word.endsWith(CERTIFICATE_SUFFIX) ? word.slice(0, -CERTIFICATE_SUFFIX.length) : word;
  return SSH_FORMATS.has(plain) || OLD_SSH_FORMATS.has(plain);
}

/** The refusal of an unsupported type: names the type, if it can be determined, and what to send. */
export function refuseType({ type, base64, comment }: SshLine): InvalidKey {
  if (type === 'ssh-dss')
    return new InvalidKey('dsa', 'DSA keys have 1024 bits, and OpenSSH no longer takes them; make an Ed25519 key.');
  if (type.endsWith(CERTIFICATE_SUFFIX)) {
    return new InvalidKey(
      'openssh-certificate',
      'it is an OpenSSH certificate, which expires and which hosts do not take from a list of keys; send the plain key it was made from.',
    );
  }
  if (type.startsWith('#'))
    return new InvalidKey('surrounding-text', 'it begins with a comment line; send the line of the key alone.');
  if (type.startsWith('rsa-sha2-'))
    return new InvalidKey(
      'unknown-type',
      `${type.slice(0, 20)} is a kind of signature; the type of the key is ssh-rsa.`,
    );
  if (isSshType(type.toLowerCase())) return new InvalidKey('unknown-type', 'its type must be written in lower case.');
  if (isSshType(base64) || comment.split(' ').some(isSshType)) {
    return new InvalidKey(
      'options',
      'there are options or a host name before the key, and guests would obey them; send the key alone.',
    );
  }
  return new InvalidKey('unknown-type', `its type is not known; ${ACCEPTED_TYPES}.`);
}
