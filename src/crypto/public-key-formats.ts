import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import sshpk from 'sshpk';
import forge from 'node-forge';
import { writePem } from '../key-formats/pem.js';
import { holdsPrivateKey } from '../key-formats/holds-private-key.js';
import { PRINT_PKCS12 } from './private-key.js';
import { beginsLikeSshKey } from './ssh/ssh-type.js';

/** A public key or certificate as the service takes it, and what was done to the file's content for that. */
export interface PublicKeyText {
  readonly text: string;
  /** Sentences for people: "Converted from RFC 4716." */
  readonly notes: readonly string[];
}

const PEM_CERTIFICATE =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[\w+/=\s]*-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;
const PEM_PUBLIC_KEY = /-----BEGIN (RSA )?PUBLIC KEY-----[^-]*-----END (?:RSA )?PUBLIC KEY-----/;
const PEM_PKCS7 = /-----BEGIN (?:PKCS7|CMS)-----([^-]*)-----END (?:PKCS7|CMS)-----/;
const RFC_4716 = /^---- BEGIN SSH2 PUBLIC KEY ----\n([^]*?)\n---- END SSH2 PUBLIC KEY ----$/m;

/** Why bytes are no public key: the end of a sentence that begins with the file. */
export interface NoPublicKey {
  readonly problem: string;
}

/**
 * Writes a public key or certificate in another format anew, as one line of SSH or one certificate in PEM. A text that is as it
 * should be stays byte for byte. Private keys, and binary files that are neither key nor certificate, are refused.
 */
export function toPublicKeyText(bytes: Buffer): PublicKeyText | NoPublicKey {
  const content = decode(bytes);
  if (content === undefined) return fromDer(bytes) ?? { problem: describeBinary(bytes) };
  if (holdsPrivateKey(content.text)) return { problem: 'holds a private key, and nothing was sent' };
  const { text, note } = fromText(content.text);
  return { text, notes: [...content.notes, ...(note === undefined ? [] : [note])] };
}

/** The text in bytes; undefined where they are none. */
function decode(bytes: Buffer): PublicKeyText | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) {
    return decodeText(bytes.subarray(3), 'utf-8', 'Dropped the byte order mark.');
  }
  if (first === 0xff && second === 0xfe) return decodeText(bytes.subarray(2), 'utf-16le', 'Converted from UTF-16.');
  if (first === 0xfe && second === 0xff) return decodeText(bytes.subarray(2), 'utf-16be', 'Converted from UTF-16.');
  // An ASCII character in UTF-16 has a zero byte before or after it.
  if (bytes.length >= 4 && second === 0 && bytes[3] === 0)
    return decodeText(bytes, 'utf-16le', 'Converted from UTF-16.');
  if (bytes.length >= 4 && first === 0 && third === 0) return decodeText(bytes, 'utf-16be', 'Converted from UTF-16.');
  return decodeText(bytes, 'utf-8');
}

function decodeText(bytes: Buffer, encoding: string, note?: string): PublicKeyText | undefined {
  try {
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes('\0') ? undefined : { text, notes: note === undefined ? [] : [note] };
  } catch {
    return undefined;
  }
}

function fromText(text: string): { readonly text: string; readonly note?: string } {
  const lines = text.replaceAll(/\r\n?/g, '\n').split('\n');
  const bare = lines
    .map((line) => line.trim())
    .join('\n')
    .replace(/^["'`\s]+|["'`\s]+$/g, '');
  const converted = fromRfc4716(bare) ?? fromPublicKeyPem(bare) ?? fromPkcs7Pem(bare) ?? fromCertificates(bare, text);
  if (converted !== undefined) return converted;
  // A final line end is the file's; all else around a key comes from editors and spreadsheets.
  if (bare === text.replace(/\r?\n$/, '') || bare.includes('\n') || !beginsLikeSshKey(bare)) return { text };
  return { text: `${bare}\n`, note: 'Dropped the blanks and quotes around the key.' };
}

function fromRfc4716(text: string): { text: string; note: string } | undefined {
  const body = RFC_4716.exec(text)?.[1];
  if (body === undefined) return undefined;
  // RFC 4716, 3.3: a header line goes on after a backslash.
  const joined = body.replaceAll('\\\n', '');
  const comment = /^comment:\s*"?(.*?)"?$/im.exec(joined)?.[1] ?? '';
  const base64 = joined
    .split('\n')
    .filter((line) => !line.includes(':'))
    .join('');
  const blob = Buffer.from(base64, 'base64');
  if (blob.length < 4) return undefined;
  const type = blob.toString('latin1', 4, 4 + blob.readUInt32BE(0));
  if (!/^[\w@.-]{1,64}$/.test(type)) return undefined;
  return {
    text: `${[type, blob.toString('base64'), comment].join(' ').trimEnd()}\n`,
    note: 'Converted from RFC 4716.',
  };
}

function fromPublicKeyPem(text: string): { text: string; note: string } | undefined {
  const pem = PEM_PUBLIC_KEY.exec(text)?.[0];
  // A certificate in the same text has the same key, and counts.
  if (pem === undefined || text.match(PEM_CERTIFICATE) !== null) return undefined;
  const key = publicKeyOf(() => createPublicKey(pem));
  return key === undefined ? undefined : { text: key, note: 'Converted from a public key in PEM.' };
}

function fromPkcs7Pem(text: string): { text: string; note: string } | undefined {
  const base64 = PEM_PKCS7.exec(text)?.[1];
  return base64 === undefined ? undefined : fromPkcs7(Buffer.from(base64, 'base64'), 'PKCS#7 in PEM');
}

function fromCertificates(bare: string, text: string): { text: string; note: string } | undefined {
  const blocks = bare.match(PEM_CERTIFICATE) ?? [];
  if (blocks.length === 0) return undefined;
  const [first] = blocks;
  const count = blocks.length;
  if (count > 1) return { text: `${first}\n`, note: `Took the first certificate of the chain of ${count}.` };
  if (text.replaceAll('\r\n', '\n').trimEnd() === first) return undefined;
  return { text: `${first}\n`, note: 'Dropped the text around the certificate.' };
}

/** The kind of a binary file that is not converted, for the refusal. */
function describeBinary(bytes: Buffer): string {
  // PFX (RFC 7292, 4) is SEQUENCE { version 3, ... }.
  if (bytes[0] === 0x30 && bytes.subarray(1, 8).includes(Buffer.of(2, 1, 3))) {
    return `is PKCS#12 (.pfx or .p12), of which "${PRINT_PKCS12}" prints the certificate; it holds a private key, and nothing was sent`;
  }
  if (holdsPrivateKey(bytes.toString('base64'))) return 'holds a private key, and nothing was sent';
  if (bytes[0] === 0x30) {
    return 'is DER, but neither a certificate nor a public key; it may be a private key, and nothing was sent';
  }
  return 'is no text in UTF-8, and nothing was sent';
}

/** A certificate, a public key (SubjectPublicKeyInfo or PKCS#1) or PKCS#7, in DER. */
function fromDer(bytes: Buffer): PublicKeyText | undefined {
  // Node would take the public half out of a private key, whose file was named by mistake.
  if (bytes[0] !== 0x30 || holdsPrivateKey(bytes.toString('base64'))) return undefined;
  try {
    const { raw } = new X509Certificate(bytes);
    return { text: writePem('CERTIFICATE', raw), notes: ['Converted from a certificate in DER.'] };
  } catch {
    const key =
      publicKeyOf(() => createPublicKey({ key: bytes, format: 'der', type: 'spki' })) ??
      publicKeyOf(() => createPublicKey({ key: bytes, format: 'der', type: 'pkcs1' }));
    if (key !== undefined) return { text: key, notes: ['Converted from a public key in DER.'] };
    const certificate = fromPkcs7(bytes, 'PKCS#7 in DER');
    return certificate && { text: certificate.text, notes: [certificate.note] };
  }
}

/** The certificate in PKCS#7 that signed no other one in it: the owner's, which the authorities follow. */
function fromPkcs7(der: Buffer, format: string): { text: string; note: string } | undefined {
  try {
    // RFC 2315, 7 and 9.1: ContentInfo, [0], SignedData, of which `certificates` is the part with the tag [0].
    const { Class, Type } = forge.asn1;
    const signedData = partsOf(partsOf(partsOf(forge.asn1.fromDer(der.toString('binary')))[1])[0]);
    const certificates = partsOf(
      signedData.find(({ tagClass, type }) => tagClass === Class.CONTEXT_SPECIFIC && type === Type.NONE),
    );
    const raw = certificates.map((each) => Buffer.from(forge.asn1.toDer(each).getBytes(), 'binary'));
    const all = raw.map((each) => new X509Certificate(each));
    const owner = all.find((each) => !all.some((other) => other !== each && other.checkIssued(each))) ?? all[0];
    return owner === undefined
      ? undefined
      : { text: writePem('CERTIFICATE', owner.raw), note: `Converted from ${format}.` };
  } catch {
    return undefined;
  }
}

function partsOf(value: forge.asn1.Asn1 | undefined): forge.asn1.Asn1[] {
  return Array.isArray(value?.value) ? value.value : [];
}

/** A key as a line of SSH; undefined if the text is not a key, or of a kind that SSH does not have. */
function publicKeyOf(read: () => KeyObject): string | undefined {
  try {
    const pem = String(read().export({ type: 'spki', format: 'pem' }));
    return `${sshpk
      .parseKey(pem, 'pem')
      .toString('ssh')
      .replace(/ \(unnamed\)$/, '')
      .trimEnd()}\n`;
  } catch {
    return undefined;
  }
}
