import { InvalidKey, type KeyRefusal } from './invalid-key.js';

/** A text that guests cannot read as a key: how it is recognised, and what to do. */
interface ForeignText {
  readonly pattern: RegExp;
  readonly code: KeyRefusal;
  readonly reason: string;
  /** A shell command that prints the key of FILE. */
  readonly command?: string;
}

const EXTRACT = `grep -aoE "(ssh|ecdsa|sk)-[a-z0-9@.-]+ AAAA[A-Za-z0-9+/=]+" FILE`;
const HOLDS_KEY = /(?:ssh|ecdsa|sk)-[a-z0-9@.-]{1,50} AAAA/;

// The 32 bytes at the end of the only SubjectPublicKeyInfo that Ed25519 has (RFC 8410, section 4) as an SSH key.
const ED25519_LINE = (read: string): string =>
  `(printf '\\0\\0\\0\\13ssh-ed25519\\0\\0\\0\\40'; ${read} -outform DER | tail -c 32) | base64 -w 0 | sed "s/^/ssh-ed25519 /"`;

/** In order: the first that fits names the text. test/crypto/advice.spec.ts runs the commands. */
export const FOREIGN_TEXTS: readonly ForeignText[] = [
  {
    pattern: /^(?:\uFEFF|\uFFFD\uFFFD|\u00FF\u00FE|\u00FE\u00FF)?(?:[ -~]\0|\0[ -~]){4}/,
    code: 'other-format',
    reason: 'it is UTF-16 text; rewrite it as UTF-8',
    command: 'iconv -f UTF-16 -t UTF-8 FILE',
  },
  {
    pattern: /^0\*0\x05\x06\x03\+ep/,
    code: 'other-format',
    reason: 'it is a public key of Ed25519 in binary DER; rewrite it',
    command: ED25519_LINE('openssl pkey -pubin -inform DER -in FILE'),
  },
  {
    // A short sequence that begins with an object identifier: the algorithm of a SubjectPublicKeyInfo (RFC 5280, section 4.1).
    pattern: /^0[^]{1,3}0[\x05-\x1F]\x06/,
    code: 'other-format',
    reason: 'it is a public key in binary DER; rewrite it',
    command: 'openssl pkey -pubin -inform DER -in FILE | ssh-keygen -i -m PKCS8 -f /dev/stdin',
  },
  {
    // The object identifier of signed data (RFC 2315, section 14).
    pattern: /^0[^]{1,4}\x06\x09\*[\u0086\uFFFD]H[\u0086\uFFFD][\u00F7\uFFFD]\r\x01\x07\x02/,
    code: 'other-format',
    reason: 'it is PKCS#7 in binary DER; print its certificates',
    command: 'openssl pkcs7 -inform DER -print_certs -in FILE',
  },
  {
    pattern: /^\s*MI[\w+/]{2,6}YJKoZIhvcNAQcC[\w+/=\s]*$/,
    code: 'other-format',
    reason: 'it is PKCS#7 in base64, without the lines of PEM around it; print its certificates',
    command: 'base64 -d FILE | openssl pkcs7 -inform DER -print_certs',
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
    pattern: /-----BEGIN PUBLIC KEY-----\s+MCowBQYDK2VwAyEA/,
    code: 'other-format',
    reason: 'it looks like a PEM public key of Ed25519; rewrite it',
    command: ED25519_LINE('openssl pkey -pubin -in FILE'),
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
    pattern: /^\s*<[a-z!?][^>]*>/i,
    code: 'surrounding-text',
    reason: 'it is a web page or XML, such as a log-in page that came in place of the key; fetch the key anew',
  },
  {
    pattern: /^\s*(?:SHA256:|MD5:|\d+ (?:SHA256|MD5):|(?:[0-9a-f]{2}:){15}|\+-+\[)/i,
    code: 'not-a-key',
    reason: 'it is a fingerprint, from which no key can be made; send the key itself',
  },
  {
    pattern: /^\s*(?:https?:\/\/|~?\/|\.{1,2}\/|[A-Za-z]:\\)\S+\s*$/,
    code: 'not-a-key',
    reason: 'it is the name of a file or page; send what it holds',
  },
  {
    pattern: /^\s*[{[]/,
    code: 'surrounding-text',
    reason: 'it is JSON; take the key out of it',
    command: EXTRACT,
  },
  {
    pattern: /^(?:\uFEFF|\u00EF\u00BB\u00BF)/,
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
    pattern: /^[\s\u200B-\u200D\u2060]+(?:ssh|ecdsa|sk)-/,
    code: 'surrounding-text',
    reason: 'blanks or line ends stand before the key, visible or not; take the key alone',
    command: EXTRACT,
  },
  {
    pattern: /[,;\t]"*(?:ssh|ecdsa|sk)-[a-z0-9@.-]{1,50} AAAA/,
    code: 'surrounding-text',
    reason: 'it is a row of a spreadsheet or of a list; take the key out of it',
    command: EXTRACT,
  },
  {
    pattern: /(?:[=:][\s|>]*["']?|["'<]|^- )(?:ssh|ecdsa|sk)-[a-z0-9@.-]{1,50} AAAA/,
    code: 'surrounding-text',
    reason: 'a name or quotation marks stand before the key, as in a file of settings; take the key alone',
    command: EXTRACT,
  },
  {
    pattern: /^\S+ [A-Za-z0-9+/=]*\\[nr]/,
    code: 'surrounding-text',
    reason: String.raw`the two characters \n stand in the key, where a line end was; take the key alone`,
    command: EXTRACT,
  },
  {
    pattern: /^\S+ [A-Za-z0-9+/]+(?:\\?\r?\n[A-Za-z0-9+/=]+)+(?: [^\n]*)?\s*$/,
    code: 'not-one-line',
    reason: 'the key is broken over more than one line; join the lines',
    command: String.raw`tr -d "\\\\\r\n" < FILE`,
  },
];

/** The refusal of a text that is recognised as something else; undefined for all others. */
export function refuseForeignText(text: string): InvalidKey | undefined {
  return refusalBy(FOREIGN_TEXTS, text);
}

/** A PEM block whose line ends were lost: in JSON, on one line, or behind blanks. */
const LOST_LINE_ENDS: ForeignText = {
  pattern: /-----BEGIN CERTIFICATE-----(?:[A-Za-z0-9+/=\s]|\\[nr])+-----END/,
  code: 'not-base64',
  reason: 'the lines of its PEM are indented, or are no lines any more; rewrite it',
  command: String.raw`sed 's/\\[nr]/ /g' FILE | tr '\n' ' ' | grep -oE 'BEGIN CERTIFICATE-----[^-]*' | head -n 1 | cut -c 22- | base64 -di | openssl x509 -inform DER`,
};

/** The same for a PEM text with a block that is not base64. */
export function refuseBrokenPem(text: string): InvalidKey | undefined {
  return refusalBy([LOST_LINE_ENDS], text);
}

function refusalBy(texts: readonly ForeignText[], text: string): InvalidKey | undefined {
  const found = texts.find(({ pattern }) => pattern.test(text));
  if (found === undefined) return undefined;
  const { code, reason, command } = found;
  if (command === EXTRACT && !HOLDS_KEY.test(text)) return new InvalidKey(code, `${reason}; send the key alone.`);
  return new InvalidKey(code, command === undefined ? `${reason}.` : `${reason} with: ${command}`);
}
