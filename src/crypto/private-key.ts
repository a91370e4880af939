import { InvalidKey } from './invalid-key.js';

// PEM in all its dialects, the format of ssh.com, and PuTTY's own. The longest word before is ENCRYPTED; without a bound a
// text of many BEGINs would cost the square of its length.
const MARKS = /BEGIN [A-Z0-9 ]{0,20}PRIVATE KEY|PuTTY-User-Key-File|AGE-SECRET-KEY-/;

// Bare base64 of DER that begins SEQUENCE and one of INTEGER 0 (PKCS#1, PKCS#8), 1 (SEC 1, and PKCS#8 with a public key) and 3
// (PKCS#12, which the service itself gives out for X.509), with a length of two, one and no bytes of their own (X.690, 8.1.3), or
// of OpenSSH's own `openssh-key-v1`.
const BASE64_STARTS = /(?<![\w+/])(?:MII...IBA|MI[GH].AgE[ABD]|M[A-H].CAQ[AEM]|b3BlbnNzaC1rZXktdjE)[\w+/]{4}/;

// What is inside these blocks is a certificate, however its lines begin.
const CERTIFICATE_BLOCKS = /-----BEGIN (?:X509 )?CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END/g;

// The same in DER, and the private exponent of a JSON Web Key (RFC 7518, section 6.2.2).
const DER_START = /^0[\s\S]{1,4}\u0002\u0001[\0\u0001\u0003]/;
const JWK_MEMBER = /"d"\s*:\s*"[\w-]{40}/;

/** Whether a text holds a private key, in any form that tools write. */
export function holdsPrivateKey(text: string): boolean {
  if ([MARKS, DER_START, JWK_MEMBER].some((pattern) => pattern.test(text))) return true;
  return BASE64_STARTS.test(text.replace(CERTIFICATE_BLOCKS, ''));
}

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
