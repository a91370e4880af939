import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { StoredGuest } from '../persistence/repositories/guest.repository.js';
import { type Document, textDocument } from './formats/document.js';
import { headerOf } from './guest-lookup/guest-finder.js';
import { Refusal } from './refusal.js';

/** EC2, "Use the Instance Metadata Service". */
const MAX_TTL_SECONDS = 21_600;
const TTL = 'X-aws-ec2-metadata-token-ttl-seconds';
const TOKEN = 'X-aws-ec2-metadata-token';
const KEY_PURPOSE = 'latchkey metadata session tokens';

/** The bytes before the signature: the expiry in seconds since 1970. */
const EXPIRY_BYTES = 6;
/** The length of such a token in base64: its bytes and those of a SHA-256. Nothing longer is decoded. */
const TOKEN_FORM = /^[A-Za-z0-9_-]{51}$/;

/**
 * The session tokens of EC2's IMDSv2: a program that is tricked into fetching a URL can neither PUT nor set headers. Nothing is
 * stored: a token is its expiry and a signature of the expiry and the guest's id.
 */
export class SessionTokens {
  private readonly keys: readonly Buffer[];

  /** `secrets` are shared by replicas; the first one signs. Without any, this process knows its own tokens only. */
  constructor(
    secrets: readonly string[],
    private readonly now: () => number = Date.now,
  ) {
    this.keys =
      secrets.length === 0
        ? [randomBytes(32)]
        : secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', KEY_PURPOSE, 32)));
  }

  /** The answer to a request for a token. Throws {@link Refusal}. */
  issue(guest: StoredGuest, request: IncomingMessage): Document {
    const ttl = headerOf(request, TTL) ?? '';
    if (!/^[1-9]\d{0,4}$/.test(ttl) || Number(ttl) > MAX_TTL_SECONDS) {
      throw new Refusal(400, `${TTL} must be a whole number from 1 to ${MAX_TTL_SECONDS}.`);
    }
    const expiry = Buffer.alloc(EXPIRY_BYTES);
    expiry.writeUIntBE(Math.floor(this.now() / 1000) + Number(ttl), 0, EXPIRY_BYTES);
    const token = Buffer.concat([expiry, sign(this.keys[0], expiry, guest)]).toString('base64url');
    return { ...textDocument(token), headers: { [TTL]: ttl } };
  }

  /** Throws {@link Refusal} if the request has a token that is not valid for this guest, or has none and `isRequired`. */
  check(guest: StoredGuest, request: IncomingMessage, isRequired: boolean): void {
    const token = headerOf(request, TOKEN);
    if (token === undefined ? isRequired : !this.isValid(token, guest)) {
      throw new Refusal(401, `Send a valid ${TOKEN}; PUT /latest/api/token gives one.`);
    }
  }

  private isValid(token: string, guest: StoredGuest): boolean {
    if (!TOKEN_FORM.test(token)) return false;
    const bytes = Buffer.from(token, 'base64url');
    const expiry = bytes.subarray(0, EXPIRY_BYTES);
    const signature = bytes.subarray(EXPIRY_BYTES);
    const isOurs = this.keys.map((key) => timingSafeEqual(sign(key, expiry, guest), signature)).includes(true);
    return isOurs && expiry.readUIntBE(0, EXPIRY_BYTES) * 1000 > this.now();
  }
}

const sign = (key: Buffer, expiry: Buffer, { id }: StoredGuest): Buffer =>
  createHmac('sha256', key).update(expiry).update(id, 'latin1').digest();
