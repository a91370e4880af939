import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import bcrypt from 'bcrypt';
import { DomainError } from '../domain/domain-error.js';

/** A stored hash that is in no form that is read. */
export class UnreadableHash extends Error {
  constructor() {
    super('must be a hash that begins with $scrypt$, $2a$, $2b$ or $2y$ (bcrypt)');
    this.name = 'UnreadableHash';
  }
}

/** More log-ins at once than passwords can be checked. */
class TooManyLogins extends DomainError {
  constructor() {
    super('unavailable', 'Too many passwords are being checked at the moment. Try again later.');
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
/** bcrypt looks at no more bytes than these; a longer password would be cut without a word. */
const BCRYPT_BYTES = 72;
const LONGEST = 4096;

/** Passwords are checked on libuv's threads, which files and keys need as well: few at a time, and not too many waiting. */
const AT_ONCE = 2;
const WAITING = 64;

const SCRYPT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/** The hash of a new password, in the PHC string format: `$scrypt$ln=15,r=8,p=3$SALT$KEY`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, { ...COST, salt, key: Buffer.alloc(32) });
  const { ln, r, p } = COST;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(key)}`;
}

/** Throws {@link UnreadableHash}; also for costs that would keep the service busy for minutes. */
export function checkHash(hash: string): void {
  if (BCRYPT.test(hash) && Number(BCRYPT.exec(hash)![1]) <= 15) return;
  readScrypt(hash);
}

/** Whether a password is the one that was hashed. Throws {@link UnreadableHash}, or a DomainError when too many wait. */
export function verifyPassword(password: string, hash: string): Promise<boolean> {
  return inTurn(async () => {
    if (Buffer.byteLength(password) > LONGEST) return false;
    if (BCRYPT.test(hash)) {
      if (Buffer.byteLength(password) > BCRYPT_BYTES) return false;
      // Apache's $2y$ is the same as $2b$ (crypt_blowfish).
      return bcrypt.compare(password, hash.replace(/^\$2y/, '$2b'));
    }
    const wanted = readScrypt(hash);
    return timingSafeEqual(await derive(password, wanted), wanted.key);
  });
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

function derive(password: string, { ln, r, p, salt, key }: ScryptHash): Promise<Buffer> {
  const N = 2 ** ln;
  return new Promise((resolve, reject) => {
    scrypt(password, salt, key.length, { N, r, p, maxmem: 256 * N * r }, (error, derived) =>
      error ? reject(error) : resolve(derived),
    );
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

let running = 0;
const queue: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) {
    if (queue.length >= WAITING) throw new TooManyLogins();
    await new Promise<void>((next) => queue.push(next));
  }
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
    queue.shift()?.();
  }
}
