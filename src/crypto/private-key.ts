import { holdsPrivateKey } from '../key-formats/holds-private-key.js';
import { InvalidKey } from './invalid-key.js';

/** Throws InvalidKey for a text that holds one, with an emphatic message, since the key has already crossed a network. */
export function refusePrivateKey(text: string): void {
  if (!holdsPrivateKey(text)) return;
  const advice = PKCS12_START.test(text) ? ` The certificate alone is printed by: ${PRINT_PKCS12}` : '';
  throw new InvalidKey('private-key', PRIVATE_KEY_SENT + advice);
}

const PRIVATE_KEY_SENT =
  'THIS IS A PRIVATE KEY. It was not stored, but it has left your machine: stop using it, make a new pair, ' +
  'and send only the public half (the .pub file, or the certificate alone).';

// RFC 7292, section 4: SEQUENCE { version 3, ... }, in DER and in base64.
const PKCS12_START = /^\s*(?:0[\s\S]{1,4}\u0002\u0001\u0003|MII...IBAz|MI[GH].AgED|M[A-H].CAQM)/;

/** The shell command that prints the certificate of a PKCS#12 file. */
export const PRINT_PKCS12 = 'openssl pkcs12 -nokeys -in FILE';
