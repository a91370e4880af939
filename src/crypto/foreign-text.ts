import { InvalidKey, type KeyRefusal } from './invalid-key.js';

/** A text that is no key as guests read it: how it is recognised, and what helps. */
interface ForeignText {
  readonly pattern: RegExp;
  readonly code: KeyRefusal;
  readonly reason: string;
  /** A shell command that prints the key of FILE. */
  readonly command?: string;
}

const EXTRACT = `grep -aoE "(ssh|ecdsa|sk)-[a-z0-9@.-]+ AAAA[A-Za-z0-9+/=]+" FILE`;

/** In order: the first that fits names the text. test/crypto/advice.spec.ts runs the commands. */
export const FOREIGN_TEXTS: readonly ForeignText[] = [
  {
    pattern: /^(?:\uFEFF|\uFFFD\uFFFD|\u00FF\u00FE|\u00FE\u00FF)?(?:[ -~]\0|\0[ -~]){4}/,
    code: 'other-format',
    reason: 'it is UTF-16 text; rewrite it as UTF-8',
    command: 'iconv -f UTF-16 -t UTF-8 FILE',
  },
  {
    pattern: /^0[\u0080-\u0084\uFFFD]/,
    code: 'other-format',
    reason: 'it is binary DER; rewrite it as PEM',
    command: 'openssl x509 -inform DER -in FILE',
  },
  {
    pattern: /^\s*MII[\w+/]{3}CC[\w+/=\s]*$/,
    code: 'other-format',
    reason: 'it is DER in base64, without the lines of PEM around it; rewrite it',
    command: 'base64 -d FILE | openssl x509 -inform DER',
  },
  {
    pattern: /-----BEGIN PKCS7-----/,
    code: 'other-format',
    reason: 'it is PKCS#7; print its certificates',
    command: 'openssl pkcs7 -print_certs -in FILE',
  },
  {
    pattern: /-----BEGIN RSA PUBLIC KEY-----/,
    code: 'other-format',
    reason: 'it looks like a PEM public key; rewrite it',
    command: 'ssh-keygen -i -m PEM -f FILE',
  },
  {
    // The object identifier 1.3.101.112, in the only SubjectPublicKeyInfo that Ed25519 has (RFC 8410, section 4).
    pattern: /-----BEGIN PUBLIC KEY-----\s+MCowBQYDK2VwAyEA/,
    code: 'other-format',
    reason: 'it looks like a PEM public key of Ed25519; rewrite it',
    command: `(printf '\\0\\0\\0\\13ssh-ed25519\\0\\0\\0\\40'; openssl pkey -pubin -in FILE -outform DER | tail -c 32) | base64 -w 0 | sed "s/^/ssh-ed25519 /"`,
  },
  {
    pattern: /-----BEGIN PUBLIC KEY-----/,
    code: 'other-format',
    reason: 'it looks like a PEM public key; rewrite it',
    command: 'ssh-keygen -i -m PKCS8 -f FILE',
  },
  {
    pattern: /---- BEGIN SSH2 PUBLIC KEY ----/,
    code: 'other-format',
    reason: 'it looks like an RFC 4716 public key; rewrite it',
    command: 'ssh-keygen -i -f FILE',
  },
  {
    pattern: /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----/,
    code: 'other-format',
    reason: 'it is PEM, but no certificate: it is a certificate request; send the certificate that was issued for it',
  },
  {
    pattern: /-----BEGIN X509 CRL-----/,
    code: 'other-format',
    reason: 'it is a list of revoked certificates (CRL); send one certificate',
  },
  {
    pattern: /-----BEGIN PGP /,
    code: 'other-format',
    reason: 'it is an OpenPGP key; send an SSH public key or an X.509 certificate',
  },
  {
    pattern: /^age1[a-z0-9]+/,
    code: 'other-format',
    reason: 'it is an age key, which encrypts files and opens no host; send an SSH public key',
  },
  {
    pattern: /^\s*\{\s*"[^{}]*"kty"/,
    code: 'other-format',
    reason: 'it is a JSON Web Key; send an SSH public key or an X.509 certificate',
  },
  {
    pattern: /^\s*[{[]/,
    code: 'surrounding-text',
    reason: 'it is JSON; take the key out of it',
    command: EXTRACT,
  },
  {
    pattern: /^\uFEFF/,
    code: 'surrounding-text',
    reason: 'a byte order mark (U+FEFF, invisible) stands before the key; take the key alone',
    command: EXTRACT,
  },
  {
    pattern: /^\s*["'`\u2018-\u201F\u00AB]/,
    code: 'surrounding-text',
    reason: 'quotation marks stand around the key; take the key alone',
    command: EXTRACT,
  },
  {
    pattern: /^\s*#/,
    code: 'surrounding-text',
    reason: 'a comment line stands before the key; take the key alone',
    command: EXTRACT,
  },
  {
    pattern: /^\s+(?:ssh|ecdsa|sk)-/,
    code: 'surrounding-text',
    reason: 'blanks or line ends stand before the key; take the key alone',
    command: EXTRACT,
  },
  {
    pattern: /^\S+ [A-Za-z0-9+/=]*\\[nr]/,
    code: 'surrounding-text',
    reason: String.raw`the two characters \n stand in the key, where a line end was; take the key alone`,
    command: EXTRACT,
  },
  {
    pattern: /^\S+ [A-Za-z0-9+/]+(?:\r?\n[A-Za-z0-9+/=]+)+(?: [^\n]*)?\s*$/,
    code: 'not-one-line',
    reason: 'the key is broken over more than one line; join the lines',
    command: String.raw`tr -d "\r\n" < FILE`,
  },
];

/** The refusal of a text that is recognised as something else; undefined for all others. */
export function refuseForeignText(text: string): InvalidKey | undefined {
  const found = FOREIGN_TEXTS.find(({ pattern }) => pattern.test(text));
  if (found === undefined) return undefined;
  const { code, reason, command } = found;
  return new InvalidKey(code, command === undefined ? `${reason}.` : `${reason} with: ${command}`);
}
