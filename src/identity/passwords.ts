import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import bcrypt from 'bcrypt';

/** The form of a stored hash is not supported. */
export class UnreadableHash extends Error {
  constructor() {
    super('must be a hash that begins with $scrypt$, $2a$, $2b$ or $2y$ (bcrypt)');
    this.name = 'UnreadableHash';
  }
}

interface ScryptHash {
  /** Base-2 logarithm of the cost. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** 32 MiB and a quarter of a second for each password (OWASP password storage cheat sheet). */
const COST = { ln: 15, r: 8, p: 3 };
/** bcrypt uses no more bytes than these; a longer password would be truncated silently. */
const BCRYPT_BYTES = 72;
/** Of a password; scrypt uses all of them. */
export const MAX_PASSWORD_BYTES = 4096;

const SCRYPT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/** The hash of a new password, in the PHC string format: `$scrypt$ln=15,r=8,p=3$SALT$KEY`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, { ...COST, salt, key: Buffer.alloc(32) });
  const { ln, r, p } = COST;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${toUnpaddedBase64(salt)}$${toUnpaddedBase64(key)}`;
}

/** Throws {@link UnreadableHash}; also for costs that would keep the service busy for minutes. */
export function checkHash(hash: string): void {
  if (BCRYPT.test(hash) && Number(BCRYPT.exec(hash)![1]) <= 15) return;
  readScrypt(hash);
}

/** Whether a password is the one that was hashed. An overlong one is hashed all the same, cut. Throws {@link UnreadableHash}. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const isBcrypt = BCRYPT.test(hash);
  const bytes = Buffer.from(password);
  const cut = bytes.subarray(0, isBcrypt ? BCRYPT_BYTES : MAX_PASSWORD_BYTES);
  const isWhole = cut.length === bytes.length;
  // Apache's $2y$ is the same as $2b$ (crypt_blowfish).
  if (isBcrypt) return (await bcrypt.compare(isWhole ? password : cut, hash.replace(/^\$2y/, '$2b'))) && isWhole;
  const stored = readScrypt(hash);
  return timingSafeEqual(await derive(cut, stored), stored.key) && isWhole;
}

/** One hash of each cost. */
export function hashOfEachCost(hashes: Iterable<string>): string[] {
  return [...new Map([...hashes].map((hash) => [costOf(hash), hash])).values()];
}

/**
 * As {@link verifyPassword}; a user that does not exist has no hash. Every refusal checks one hash of each cost, so that its time
 * reveals nothing about the user.
 */
export async function verifyInEqualTime(
  password: string,
  hash: string | undefined,
  ofEachCost: readonly string[],
): Promise<boolean> {
  if (hash !== undefined && (await verifyPassword(password, hash))) return true;
  for (const other of ofEachCost) {
    if (hash === undefined || costOf(other) !== costOf(hash)) await verifyPassword(password, other);
  }
  return false;
}

/** What stands before the salt; bcrypt's letter is no cost. */
function costOf(hash: string): string {
  return BCRYPT.exec(hash)?.[1] ?? hash.split('$', 3).join('$');
}

function readScrypt(hash: string): ScryptHash {
  const found = SCRYPT.exec(hash);
  if (!found) throw new UnreadableHash();
  const [ln, r, p] = found.slice(1, 4).map(Number);
  const [salt, key] = found.slice(4).map((each) => Buffer.from(each, 'base64'));
  if (ln < 10 || ln > 20 || r < 1 || r > 16 || p < 1 || p > 16 || salt.length < 8 || key.length < 16) {
    throw new UnreadableHash();
  }
  return { ln, r, p, salt, key };
}

function derive(password: string | Buffer, { ln, r, p, salt, key }: ScryptHash): Promise<Buffer> {
  const N = 2 ** ln;
  return new Promise((resolve, reject) => {
    scrypt(password, salt, key.length, { N, r, p, maxmem: 256 * N * r }, (error, derived) =>
      error ? reject(error) : resolve(derived),
    );
  });
}

function toUnpaddedBase64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
