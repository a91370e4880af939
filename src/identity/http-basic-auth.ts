import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Logger, type OnModuleDestroy } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Audit } from '../audit/audit.js';
import { InvalidConfig } from '../config/config.js';
import { unauthorized } from '../http/faults/keystone-fault.js';
import { watchForChanges } from '../files/watched-file.js';
import type { ApiRequest } from '../http/api-request.js';
import type { Authenticator } from './authenticator.js';
import { Caller } from '../domain/caller.js';
import { InvalidHtpasswd, readHtpasswd } from './htpasswd.js';
import type { LoginThrottle } from './login-throttle.js';
import { hashOfEachCost, verifyInEqualTime } from './passwords.js';
import type { Rules } from '../policy/policy-rules.js';

const ADMIN = 'admin';
const CHALLENGE = 'Basic realm="Latchkey", charset="UTF-8"';
/** An accepted password is not hashed again for this time; at most one is cached for each user. */
const ACCEPTED_TTL_MS = 5 * 60_000;
const MAX_ACCEPTED = 10_000;

/**
 * `AUTH_MODE=http_basic`: users and bcrypt hashes in a file, as the standalone services of OpenStack have it (Ironic's
 * `http_basic_auth_user_file`). A user's project has the user's name; the user `admin` is the administrator.
 */
export class HttpBasicAuth implements Authenticator, OnModuleDestroy {
  private readonly logger = new Logger('Identity');
  private readonly right = new LRUCache<string, Caller>({ max: MAX_ACCEPTED, ttl: ACCEPTED_TTL_MS });
  /** Passwords are cached as their HMAC under a key that ends with the process. */
  private readonly key = randomBytes(32);
  private readonly stopWatching: () => void;

  private constructor(
    private hashes: ReadonlyMap<string, string>,
    path: string,
    private readonly throttle: LoginThrottle,
    private readonly rules: Rules,
    private readonly audit: Audit,
  ) {
    this.stopWatching = watchForChanges(path, () => this.reload(path));
  }

  /** Throws InvalidConfig. */
  static withFile(path: string, throttle: LoginThrottle, rules: Rules, audit: Audit): HttpBasicAuth {
    try {
      return new HttpBasicAuth(readHtpasswd(readFileSync(path, 'utf8')), path, throttle, rules, audit);
    } catch (error) {
      if (error instanceof InvalidHtpasswd) {
        throw new InvalidConfig(error.problems.map((each) => `HTTP_BASIC_FILE: ${each}.`));
      }
      throw new InvalidConfig([`HTTP_BASIC_FILE cannot be read (${(error as NodeJS.ErrnoException).code}).`]);
    }
  }

  authenticate(request: ApiRequest): Caller | Promise<Caller> {
    const credentials = readCredentials(request.headers.authorization);
    if (!credentials) throw unauthorized(CHALLENGE);
    const key = createHmac('sha256', this.key).update(JSON.stringify(credentials)).digest('base64');
    return this.right.get(key) ?? this.checked(credentials, key, request);
  }

  onModuleDestroy(): void {
    this.stopWatching();
  }

  private async checked([user, password]: Credentials, key: string, { id, ip: address }: ApiRequest): Promise<Caller> {
    const { hashes } = this;
    const hash = hashes.get(user);
    const isRight = await this.throttle.attempt(user, address, () =>
      verifyInEqualTime(password, hash, hashOfEachCost(hashes.values())),
    );
    if (!isRight) {
      // An unknown name may be a password in the wrong place.
      const owner = hash === undefined ? undefined : user;
      const refusal = { action: 'login.refuse', owner, name: undefined, reason: 'password' };
      this.audit.recordBy({ from: address }, refusal, id);
      throw unauthorized(CHALLENGE);
    }
    const change = { action: 'login', owner: user, name: undefined, kind: 'password' };
    this.audit.recordBy({ user, project: user, from: address }, change, id);
    const caller = new Caller(user, user, user === ADMIN ? [ADMIN] : ['member'], this.rules);
    // The file may have changed meanwhile.
    if (this.hashes === hashes) this.right.set(key, caller);
    return caller;
  }

  private reload(path: string): void {
    try {
      this.hashes = readHtpasswd(readFileSync(path, 'utf8'));
      this.right.clear();
    } catch (error) {
      const why = error instanceof InvalidHtpasswd ? error.message : (error as NodeJS.ErrnoException).code;
      this.logger.error(`HTTP_BASIC_FILE has changed and cannot be read; the users stay as they were: ${why}`);
    }
  }
}

type Credentials = readonly [user: string, password: string];

/** RFC 7617, 2. */
function readCredentials(header: string | undefined): Credentials | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : [text.slice(0, colon), text.slice(colon + 1)];
}
