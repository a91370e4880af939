import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { hashPassword, verifyInEqualTime, verifyPassword } from '../../passwords.js';

/** The secret of an application credential, and what is stored of it. */
export interface NewSecret {
  readonly secret: string;
  readonly hash: string;
}

/** Before the SHA-256, in base64url, of a secret of ours: its 256 random bits cannot be guessed, so it needs no slow hash. */
const FAST = '$sha256$';

/** Bytes of a secret that a user chooses: as many as a password. */
export const MAX_SECRET_BYTES = 4096;

/** What a secret that cannot be right is checked against: no secret fits it, and its costs are those of a chosen one. */
const UNFIT = `$scrypt$ln=15,r=8,p=3$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** 256 random bits. */
export function newSecret(): NewSecret {
  const secret = randomBytes(32).toString('base64url');
  return { secret, hash: fastHash(secret) };
}

/** A secret of the user's own choice may be a weak one, and is stored as a password. */
export async function chosenSecret(secret: string): Promise<NewSecret> {
  return { secret, hash: await hashPassword(secret) };
}

/** Whether a secret is that of the hash; of none where there is no credential. Every refusal takes the same time. */
export async function isRightSecret(secret: string, stored: string | undefined): Promise<boolean> {
  if (stored === undefined || !stored.startsWith(FAST)) return verifyInEqualTime(secret, stored, [UNFIT]);
  if (timingSafeEqual(Buffer.from(fastHash(secret)), Buffer.from(stored))) return true;
  await verifyPassword(secret, UNFIT);
  return false;
}

function fastHash(secret: string): string {
  return `${FAST}${hash('sha256', secret, 'base64url')}`;
}
