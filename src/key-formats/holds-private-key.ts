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
