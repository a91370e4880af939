import { bcryptPbkdf } from './bcrypt-pbkdf.js';
import { type Bytes, concat, fromBase64, fromNumber, toBase64, toNumber, uint32, utf8 } from './bytes.js';
import { readPem, writePem } from './pem.js';
import { bytesOf, type Curve, CURVES, memberOf, type PrivateKey } from './private-key.js';
import { mpint, string, WireReader } from './ssh-wire.js';
import { randomBytes, type WebCrypto } from './web-crypto.js';

// OpenSSH's PROTOCOL.key.

const LABEL = 'OPENSSH PRIVATE KEY';
const MAGIC = utf8('openssh-key-v1\0');
const CIPHER = 'aes256-ctr';
const KEY_BYTES = 32;
const IV_BYTES = 16;
const BLOCK_BYTES = 16;
const SALT_BYTES = 16;
/** As ssh-keygen does without -a. */
const ROUNDS = 16;

/** The first word of a public key, which its blob repeats. */
function typeOf(key: PrivateKey): string {
  if (key.kty === 'OKP') return 'ssh-ed25519';
  return key.kty === 'RSA' ? 'ssh-rsa' : `ecdsa-sha2-${CURVES[key.crv].ssh}`;
}

const pointOf = (key: PrivateKey & { kty: 'EC' }): Bytes => concat([4], bytesOf(key.x), bytesOf(key.y));

/** The public key in its wire format (RFC 4253, RFC 5656, RFC 8709). */
export function publicBlob(key: PrivateKey): Bytes {
  const type = string(typeOf(key));
  if (key.kty === 'OKP') return concat(type, string(bytesOf(key.x)));
  if (key.kty === 'RSA') return concat(type, mpint(bytesOf(key.e)), mpint(bytesOf(key.n)));
  return concat(type, string(CURVES[key.crv].ssh), string(pointOf(key)));
}

/** One line of a `.pub` file, without its end. */
export const publicLine = (key: PrivateKey, comment: string): string =>
  `${typeOf(key)} ${toBase64(publicBlob(key))} ${comment}`.trimEnd();

/** The members of a private key, the public ones included. */
function privateMembers(key: PrivateKey): Bytes {
  const type = string(typeOf(key));
  if (key.kty === 'OKP') {
    const [publicKey, seed] = [bytesOf(key.x), bytesOf(key.d)];
    return concat(type, string(publicKey), string(concat(seed, publicKey)));
  }
  if (key.kty === 'RSA') {
    return concat(type, ...[key.n, key.e, key.d, key.qi, key.p, key.q].map((member) => mpint(bytesOf(member))));
  }
  return concat(type, string(CURVES[key.crv].ssh), string(pointOf(key)), mpint(bytesOf(key.d)));
}

/** The file of a private key, encrypted if there is a passphrase. */
export async function writeOpenSsh(
  crypto: WebCrypto,
  key: PrivateKey,
  comment: string,
  passphrase?: string,
): Promise<string> {
  const check = randomBytes(crypto, 4);
  const members = concat(check, check, privateMembers(key), string(comment));
  const blockBytes = passphrase === undefined ? 8 : BLOCK_BYTES;
  const missing = (blockBytes - (members.length % blockBytes)) % blockBytes;
  const padded = concat(
    members,
    Uint8Array.from({ length: missing }, (_, at) => at + 1),
  );
  const salt = randomBytes(crypto, SALT_BYTES);
  const [cipher, kdf, options, sealed] =
    passphrase === undefined
      ? ['none', 'none', new Uint8Array(), padded]
      : [
          CIPHER,
          'bcrypt',
          concat(string(salt), uint32(ROUNDS)),
          await applyCipher(crypto, padded, passphrase, salt, ROUNDS),
        ];
  const file = [string(cipher), string(kdf), string(options), uint32(1), string(publicBlob(key)), string(sealed)];
  return writePem(LABEL, concat(MAGIC, ...file), 70);
}

/** AES in counter mode, which encrypts and decrypts alike. */
async function applyCipher(
  crypto: WebCrypto,
  bytes: Bytes,
  passphrase: string,
  salt: Bytes,
  rounds: number,
): Promise<Bytes> {
  const derived = await bcryptPbkdf(crypto, passphrase, salt, rounds, KEY_BYTES + IV_BYTES);
  const key = await crypto.subtle.importKey('raw', derived.slice(0, KEY_BYTES), 'AES-CTR', false, ['encrypt']);
  const algorithm = { name: 'AES-CTR', counter: derived.slice(KEY_BYTES), length: 128 };
  return new Uint8Array(await crypto.subtle.encrypt(algorithm, key, bytes));
}

/** Why a private key cannot be read. */
export class UnreadableKey extends Error {
  constructor(readonly reason: 'encrypted' | 'wrong-passphrase' | 'unsupported' | 'broken') {
    super(`the private key is ${reason}`);
    this.name = 'UnreadableKey';
  }
}

/** The longest passphrase work that a file may demand: ssh-keygen writes 16 or 24 rounds. */
const MAX_ROUNDS = 512;

/** Reads what {@link writeOpenSsh} and ssh-keygen write; undefined for a text of another format. Throws {@link UnreadableKey}. */
export async function readOpenSsh(
  crypto: WebCrypto,
  text: string,
  passphrase?: string,
): Promise<{ readonly key: PrivateKey; readonly comment: string } | undefined> {
  const block = readPem(text);
  if (block?.label !== LABEL) return undefined;
  try {
    if (!MAGIC.every((byte, at) => byte === block.bytes[at])) throw new UnreadableKey('broken');
    const file = new WireReader(block.bytes.subarray(MAGIC.length));
    const [cipher, kdf] = [file.text(), file.text()];
    const options = new WireReader(file.string());
    if (file.uint32() !== 1) throw new UnreadableKey('unsupported');
    file.string();
    const sealed = file.string();
    if (cipher === 'none') return readMembers(sealed, 'broken');
    if (cipher !== CIPHER || kdf !== 'bcrypt') throw new UnreadableKey('unsupported');
    if (passphrase === undefined) throw new UnreadableKey('encrypted');
    const [salt, rounds] = [options.string(), options.uint32()];
    if (rounds > MAX_ROUNDS) throw new UnreadableKey('unsupported');
    return readMembers(await applyCipher(crypto, sealed, passphrase, salt, rounds), 'wrong-passphrase');
  } catch (error) {
    throw error instanceof RangeError ? new UnreadableKey('broken') : error;
  }
}

function readMembers(
  bytes: Bytes,
  flaw: 'broken' | 'wrong-passphrase',
): { readonly key: PrivateKey; readonly comment: string } {
  const wire = new WireReader(bytes);
  if (wire.uint32() !== wire.uint32()) throw new UnreadableKey(flaw);
  const key = readKey(wire);
  return { key, comment: wire.text() };
}

function readKey(wire: WireReader): PrivateKey {
  const type = wire.text();
  if (type === 'ssh-ed25519') {
    const [publicKey, both] = [wire.string(), wire.string()];
    return { kty: 'OKP', crv: 'Ed25519', x: memberOf(publicKey), d: memberOf(both.slice(0, 32)) };
  }
  if (type === 'ssh-rsa') {
    const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => wire.string());
    return rsaKey({ n, e, d, qi, p, q });
  }
  const [crv, curve] = Object.entries(CURVES).find(([, { ssh }]) => type === `ecdsa-sha2-${ssh}`) ?? [];
  if (curve === undefined) throw new UnreadableKey('unsupported');
  wire.string();
  const [point, d] = [wire.string(), wire.string()];
  const [x, y] = [point.slice(1, 1 + curve.bytes), point.slice(1 + curve.bytes)];
  const secret = fromNumber(toNumber(d), curve.bytes);
  return { kty: 'EC', crv: crv as Curve, x: memberOf(x), y: memberOf(y), d: memberOf(secret) };
}

/** An RSA key from the numbers that OpenSSH keeps; JWK has the exponents of the Chinese remainder theorem as well. */
function rsaKey(numbers: Record<'n' | 'e' | 'd' | 'qi' | 'p' | 'q', Bytes>): PrivateKey {
  const [d, p, q] = [numbers.d, numbers.p, numbers.q].map(toNumber);
  const member = (number: Bytes): string => memberOf(fromNumber(toNumber(number)));
  return {
    kty: 'RSA',
    n: member(numbers.n),
    e: member(numbers.e),
    d: member(numbers.d),
    p: member(numbers.p),
    q: member(numbers.q),
    dp: memberOf(fromNumber(d % (p - 1n))),
    dq: memberOf(fromNumber(d % (q - 1n))),
    qi: member(numbers.qi),
  };
}

/** The blob of a public line; undefined if it is none. */
export function blobOfLine(line: string): Bytes | undefined {
  const [, base64] = /^\S+\s+([A-Za-z0-9+/]+={0,2})(?:\s|$)/.exec(line.trim()) ?? [];
  if (base64 === undefined) return undefined;
  try {
    return fromBase64(base64);
  } catch {
    return undefined;
  }
}
