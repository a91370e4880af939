import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Browsers keep no longer cookies (RFC 6265, 6.1). The rest is for the name and the attributes. */
const MAX_LENGTH = 3_800;

/** What a cookie holds of a session. */
export interface SealedSession {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Writes sessions so that only this service, and replicas with the same key, can read them. */
export class SealedCookie {
  private readonly key: Uint8Array;

  /** `tokenKey` is the key that tokens are signed with; that of cookies is derived from it. */
  constructor(tokenKey: Uint8Array) {
    this.key = new Uint8Array(hkdfSync('sha256', tokenKey, '', 'latchkey console session', 32));
  }

  /** Undefined if the token is too long for a cookie. */
  seal({ token, expiresAt }: SealedSession): string | undefined {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.key, iv);
    const sealed = [cipher.update(JSON.stringify({ token, expiresAt })), cipher.final()];
    const text = Buffer.concat([iv, ...sealed, cipher.getAuthTag()]).toString('base64url');
    return text.length > MAX_LENGTH ? undefined : text;
  }

  /** Undefined if the text was not sealed with this key, was changed, or has expired. */
  open(text: string): SealedSession | undefined {
    const bytes = Buffer.from(text, 'base64url');
    if (text.length > MAX_LENGTH || bytes.length <= IV_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv(ALGORITHM, this.key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const opened = [decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()];
      const session = JSON.parse(Buffer.concat(opened).toString()) as SealedSession;
      return session.expiresAt > Date.now() ? session : undefined;
    } catch {
      // The response does not depend on what is wrong with it.
      return undefined;
    }
  }
}
