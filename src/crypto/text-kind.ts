import { beginsLikeSshKey } from './ssh/ssh-type.js';

/** What a text looks like at a glance, good or not. */
export type TextKind =
  'an SSH public key' | 'an X.509 certificate' | 'a PEM public key' | 'an RFC 4716 public key' | 'neither';

/** Looks at how a text begins: a certificate after an SSH key is a trick (guests would be given the key), not a certificate. */
export function kindOfText(text: string): TextKind {
  if (beginsLikeSshKey(text)) return 'an SSH public key';
  if (/-----BEGIN (?:X509 )?CERTIFICATE-----/.test(text)) return 'an X.509 certificate';
  if (/-----BEGIN (?:RSA )?PUBLIC KEY-----/.test(text)) return 'a PEM public key';
  if (text.includes('---- BEGIN SSH2 PUBLIC KEY ----')) return 'an RFC 4716 public key';
  return 'neither';
}
