import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.js';
import { generateSignerKey, signerBlob, type SignerType } from '../crypto/ssh/ssh-signer.js';
import { makePrivately, writePrivately } from '../files/private-file.js';

/** The file does not hold the keys of a certificate authority. */
export class InvalidAuthorityFile extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'InvalidAuthorityFile';
  }
}

/** The keys of an authority by purpose. */
export interface AuthorityKeys {
  /** Signs. */
  readonly active: KeyObject;
  /** The key that will sign after the next rotation; guests already trust it. */
  readonly next?: KeyObject;
  /** The public half of the previous signing key, so that its certificates remain valid until they expire. */
  readonly retired?: KeyObject;
}

export const authorityFile = (config: Config): string => config.sshCaKeyFile ?? join(config.dataDir, 'ssh-ca.key');

const BLOCK = /-----BEGIN (PRIVATE|PUBLIC) KEY-----[^-]+-----END \1 KEY-----/g;

/** Reads the file, which is created if it does not exist. Throws {@link InvalidAuthorityFile}, or the error of the file system. */
export function openAuthorityFile(path: string, type: SignerType): AuthorityKeys {
  try {
    return readAuthorityFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  makePrivately(path, textOf({ active: generateSignerKey(type) }));
  return readAuthorityFile(path);
}

export function readAuthorityFile(path: string): AuthorityKeys {
  const { mode } = statSync(path);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new InvalidAuthorityFile('must be readable by its owner only: chmod 600');
  const blocks = [...readFileSync(path, 'utf8').matchAll(BLOCK)];
  const ofKind = (kind: string): string[] => blocks.flatMap(([block, each]) => (each === kind ? [block] : []));
  const [active, next, ...more] = ofKind('PRIVATE').map((block) => readKey(block, createPrivateKey));
  const [retired, ...older] = ofKind('PUBLIC').map((block) => readKey(block, createPublicKey));
  if (active === undefined || more.length + older.length > 0)
    throw new InvalidAuthorityFile('must hold one or two private keys, and at most one public key, of PKCS#8 in PEM');
  return { active, ...(next && { next }), ...(retired && { retired }) };
}

/**
 * Takes the next step of a rotation: adds a key that guests start to trust or, if there is one, signs with it and keeps only the
 * public half of the previous key. Returns the new state.
 */
export function rotateAuthorityFile(path: string, type: SignerType): AuthorityKeys {
  const { active, next } = readAuthorityFile(path);
  const keys = next ? { active: next, retired: createPublicKey(active) } : { active, next: generateSignerKey(type) };
  writePrivately(path, textOf(keys));
  return keys;
}

function readKey(block: string, read: (pem: string) => KeyObject): KeyObject {
  try {
    const key = read(block);
    signerBlob(key);
    return key;
  } catch (cause) {
    // The message of OpenSSL is omitted, since it may quote the file.
    throw new InvalidAuthorityFile('must hold keys of Ed25519 or of ECDSA with P-256, without a passphrase', { cause });
  }
}

function textOf({ active, next, retired }: AuthorityKeys): string {
  const privates = [active, ...(next ? [next] : [])].map((key) => key.export({ type: 'pkcs8', format: 'pem' }));
  const publics = (retired ? [retired] : []).map((key) => key.export({ type: 'spki', format: 'pem' }));
  return [...privates, ...publics].join('');
}
