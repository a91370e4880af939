import { beginsLikeSshKey } from './ssh/ssh-type.js';

/** What a text looks like, valid or not. */
export type TextKind =
  'an SSH public key' | 'an X.509 certificate' | 'a PEM public key' | 'an RFC 4716 public key' | 'neither';

/** Decides by the beginning of a text: a certificate after an SSH key is a trick (guests would receive the key), not a certificate. */
export function kindOfText(text: string): TextKind {
  if (beginsLikeSshKey(text)) return 'an SSH public key';
  if (/-----BEGIN (?:X509 )?CERTIFICATE-----/.test(text)) return 'an X.509 certificate';
  if (/-----BEGIN (?:RSA )?PUBLIC KEY-----/.test(text)) return 'a PEM public key';
  if (text.includes('---- BEGIN SSH2 PUBLIC KEY ----')) return 'an RFC 4716 public key';
  return 'neither';
}
