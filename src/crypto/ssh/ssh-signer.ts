import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { SshWire } from './ssh-wire.js';
import { mpint, string } from './ssh-wire-writer.js';

/** The key of a certificate authority. Both are blobs of SSH: RFC 4253, section 6.6. */
export interface SshSigner {
  readonly publicKey: Buffer;
  sign(data: Buffer): Promise<Buffer>;
}

/** The kinds of key that a certificate authority has. OpenSSH takes signatures of neither from an RSA key with SHA-1. */
export type SignerType = 'ed25519' | 'ecdsa';

/** The types of SSH that sign certificates here, whether the key is in a file or in an agent. */
export const SIGNER_TYPES: readonly string[] = ['ssh-ed25519', 'ecdsa-sha2-nistp256'];

/** What differs between the kinds of key. */
interface SignerKind {
  readonly generate: () => KeyObject;
  readonly publicBlob: (key: KeyObject) => Buffer;
  readonly sign: (data: Buffer, key: KeyObject) => Buffer;
}

const fromBase64Url = (text: string | undefined): Buffer => Buffer.from(text!, 'base64url');

const KINDS: Readonly<Record<SignerType, SignerKind>> = {
  // RFC 8709, sections 4 and 6.
  ed25519: {
    generate: () => generateKeyPairSync('ed25519').privateKey,
    publicBlob: (key) => joined(string('ssh-ed25519'), string(fromBase64Url(key.export({ format: 'jwk' }).x))),
    sign: (data, key) => joined(string('ssh-ed25519'), string(sign(null, data, key))),
  },
  // RFC 5656, sections 3.1.1 and 3.1.2.
  ecdsa: {
    generate: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    publicBlob(key) {
      const { x, y } = key.export({ format: 'jwk' });
      const point = joined(Buffer.from([4]), fromBase64Url(x), fromBase64Url(y));
      return joined(string('ecdsa-sha2-nistp256'), string('nistp256'), string(point));
    },
    sign(data, key) {
      const pair = sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
      return joined(
        string('ecdsa-sha2-nistp256'),
        string(joined(mpint(pair.subarray(0, 32)), mpint(pair.subarray(32)))),
      );
    },
  },
};

const joined = (...parts: Buffer[]): Buffer => Buffer.concat(parts);

/** A new private key of a certificate authority. */
export const generateSignerKey = (type: SignerType): KeyObject => KINDS[type].generate();

/** The public key of a certificate authority, of its private or its public half. Throws TypeError for other kinds of key. */
export function signerBlob(key: KeyObject): Buffer {
  return KINDS[signerType(key)].publicBlob(key.type === 'private' ? createPublicKey(key) : key);
}

/** Signs with a private key of this process. Throws TypeError for other kinds of key. */
export function signerOf(privateKey: KeyObject): SshSigner {
  const kind = KINDS[signerType(privateKey)];
  return { publicKey: signerBlob(privateKey), sign: (data) => Promise.resolve(kind.sign(data, privateKey)) };
}

/** The first word of a key's line, which its blob begins with. */
export const typeOfBlob = (blob: Buffer): string => new SshWire(blob).name('the type');

function signerType({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): SignerType {
  if (asymmetricKeyType === 'ed25519') return 'ed25519';
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ecdsa';
  throw new TypeError('A certificate authority has a key of Ed25519 or of ECDSA with P-256.');
}
