import { X509Certificate } from 'node:crypto';
import { isOneDerValue } from '../asn1/der-check.js';
import { certificateFingerprint } from '../fingerprint.js';
import type { KeyRules } from '../key-type.js';
import { BUNDLED_KEYS } from '../listed-keys.js';
import { writePem } from '../../key-formats/pem.js';
import { type PemBlock, type PemText, readPem } from '../asn1/pem.js';
import { flawOfPublicKey, listableKey, publicKeyOf } from './public-key-info.js';
import { refusePrivateKey } from '../private-key.js';
import { refuseBrokenPem, refuseForeignText } from '../foreign-text.js';
import { InvalidKey, type KeyFlaw, throwFlaw } from '../invalid-key.js';
import { isSshType } from '../ssh/ssh-type.js';
import { kindOfText } from '../text-kind.js';
import { unsafeCharacter } from '../unsafe-text.js';

/** A good X.509 certificate. */
export interface Certificate {
  readonly der: Buffer;
  readonly fingerprint: string;
}

const MAX_TEXT_BYTES = 64 * 1024;
const LABELS = ['CERTIFICATE', 'X509 CERTIFICATE'];

/** Reads a certificate in PEM, or throws InvalidKey. */
export function parseCertificate(text: string, rules: KeyRules = { policy: 'strict' }): Certificate {
  const der = certificateBlock(text);
  examine(der, rules);
  return { der, fingerprint: certificateFingerprint(der) };
}

/**
 * A stored certificate for guests: its block only. The rest of the text is not passed on, whatever policy accepted it: a Nova
 * stores private keys and SSH keys beside certificates.
 */
export function certificateForGuest(text: string): string {
  return writePem('CERTIFICATE', storedCertificate(text).raw);
}

/** The first certificate of a stored text. */
export function storedCertificate(text: string): X509Certificate {
  const block = readPem(text)?.blocks.find(({ label }) => LABELS.includes(label));
  if (block === undefined) throw new InvalidKey('not-a-key', 'it holds no certificate in PEM.');
  return load(derOf(block));
}

function certificateBlock(text: string): Buffer {
  refusePrivateKey(text);
  if (text.length > MAX_TEXT_BYTES || Buffer.byteLength(text) > MAX_TEXT_BYTES) {
    throw new InvalidKey('too-long', `it is longer than ${MAX_TEXT_BYTES} bytes; send one certificate.`);
  }
  const pem = readPem(text);
  if (pem === undefined)
    throw new InvalidKey('truncated', 'a PEM block has no end, or ends under another name; copy the file whole.');
  const block = pem.blocks.find(({ label }) => LABELS.includes(label));
  if (block === undefined) throw refusalOfOther(text, pem);
  throwFlaw(flawAround(pem));
  if (pem.blocks.some(({ bytes }) => bytes === undefined)) throw refuseBrokenPem(text) ?? notBase64();
  return derOf(block);
}

function refusalOfOther(text: string, { blocks }: PemText): InvalidKey {
  const kind = kindOfText(text);
  if (kind === 'an SSH public key')
    return new InvalidKey('wrong-type', 'it looks like an SSH public key; import it with the type ssh.');
  const foreign = refuseForeignText(text);
  if (foreign !== undefined) return foreign;
  if (blocks.length > 0)
    return new InvalidKey(
      'other-format',
      'it is PEM, but no certificate; send a block that begins with -----BEGIN CERTIFICATE-----.',
    );
  return new InvalidKey('not-a-key', 'it is not a certificate in PEM, which begins with -----BEGIN CERTIFICATE-----.');
}

function flawAround({ around }: PemText): KeyFlaw | undefined {
  const unsafe = unsafeCharacter(around.replaceAll(/[\t\r\n]/g, ''));
  if (unsafe !== undefined)
    return {
      code: 'unsafe-character',
      reason: `the text around it contains the character ${unsafe}, which is not allowed`,
    };
  const words = around.split(/\s+/);
  if (words.some((word, index) => isSshType(word) && words[index + 1]?.startsWith('AAAA'))) {
    return { code: 'surrounding-text', reason: 'an SSH key stands beside the certificate; send one of them' };
  }
  return undefined;
}

function notBase64(): InvalidKey {
  return new InvalidKey(
    'not-base64',
    'what is between the lines BEGIN and END is not clean base64; copy the file whole.',
  );
}

function derOf({ bytes }: PemBlock): Buffer {
  if (bytes === undefined) throw notBase64();
  if (!isOneDerValue(bytes)) {
    throw new InvalidKey(
      'truncated',
      'what it holds is not one value in DER: it was cut, or something follows it; copy the file whole.',
    );
  }
  return bytes;
}

/** Throws InvalidKey if the certificate violates the rules. */
function examine(der: Buffer, { policy, refuseExpired, listed = BUNDLED_KEYS }: KeyRules): void {
  const certificate = load(der);
  if (policy === 'strict') {
    const info = publicKeyOf(der);
    throwFlaw(flawOfPublicKey(info, certificate));
    throwFlaw(listed.flawOf(listableKey(info)));
  }
  checkDates(certificate, refuseExpired === true);
}

function load(der: Buffer): X509Certificate {
  // In bytes Node looks for PEM first, and would find a certificate that is hidden in this one.
  const certificate = orRefuse(
    () => new X509Certificate(writePem('CERTIFICATE', der)),
    'it holds no X.509 certificate.',
  );
  if (!certificate.raw.equals(der))
    throw new InvalidKey('malformed', 'it cannot be written back as it was read; make it anew.');
  return certificate;
}

function checkDates({ validFrom, validTo }: X509Certificate, mustBeValidNow: boolean): void {
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  // OpenSSL reads a certificate without checking its dates, and prints invalid ones as "Bad time value".
  if (Number.isNaN(from) || Number.isNaN(to))
    throw new InvalidKey('malformed', 'its dates cannot be read; make it anew.');
  const now = Date.now();
  if (mustBeValidNow && (now < from || to < now)) {
    throw new InvalidKey('expired', `it is valid only from ${validFrom} to ${validTo}; send one that is valid now.`);
  }
}

function orRefuse<T>(read: () => T, reason: string): T {
  try {
    return read();
  } catch (cause) {
    throw new InvalidKey('malformed', reason, { cause });
  }
}
