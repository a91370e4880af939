import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { CONFIG, type Config } from '../../config/config.js';
import { keystoneChallenge, unauthorized } from '../../http/faults/keystone-fault.js';
import type { ApiRequest } from '../../http/api-request.js';
import type { Authenticator } from '../authenticator.js';
import { cacheKey } from '../token-cache-key.js';
import { Caller } from '../../domain/caller.js';
import { Rules } from '../../policy/policy-rules.js';
import { type Tracing, TRACING } from '../../tracing/tracing.js';
import { KeystoneClient, KeystoneUnavailable } from './keystone-client.js';

/** Memory for accepted tokens, and the size of one without its texts. */
const CACHE_BYTES = 8 * 1024 * 1024;
const CALLER_BYTES = 500;
/** Rejected tokens have a cache of their own, so that a flood of them evicts no accepted one. */
const MAX_REJECTED = 10_000;
/** A token is rejected for this time without another request to Keystone. */
const REJECTED_TTL_MS = 10_000;

/**
 * `AUTH_MODE=keystone`: X-Auth-Token holds a token of a Keystone, which validates each token once in TOKEN_CACHE_SECONDS. No
 * other header identifies the caller.
 */
@Injectable()
export class KeystoneAuth implements Authenticator, OnApplicationShutdown {
  private readonly logger = new Logger('Keystone');
  private readonly client: KeystoneClient;
  private readonly accepted = new LRUCache<string, Caller>({
    maxSize: CACHE_BYTES,
    sizeCalculation: ({ userId, projectId = '', roles }) =>
      CALLER_BYTES + 2 * [userId, projectId, ...roles].reduce((total, { length }) => total + length + 16, 0),
  });
  private readonly rejected = new LRUCache<string, true>({ max: MAX_REJECTED });
  /** Validations under way, by token: concurrent requests with one token share one. */
  private readonly pending = new Map<string, Promise<Caller | undefined>>();
  private hits = 0;
  private misses = 0;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly rules: Rules,
    @Inject(TRACING) tracing: Tracing | undefined,
  ) {
    this.client = new KeystoneClient(config, tracing);
  }

  authenticate(request: ApiRequest): Caller | Promise<Caller> {
    const token = String(request.headers['x-auth-token'] ?? '');
    const key = cacheKey(token);
    if (key === undefined) throw this.refusal();
    const known = this.accepted.get(key);
    if (known) this.hits += 1;
    else this.misses += 1;
    return known ?? this.validate(token, key);
  }

  check(): Promise<void> {
    return this.client.check();
  }

  cacheUse(): { readonly hits: number; readonly misses: number } {
    return { hits: this.hits, misses: this.misses };
  }

  /** Runs after the last response, since a request may need a validation. */
  onApplicationShutdown(): void {
    this.client.close();
  }

  private async validate(token: string, key: string): Promise<Caller> {
    const caller = this.rejected.has(key) ? undefined : await this.shareValidation(token, key);
    if (!caller) throw this.refusal();
    return caller;
  }

  private refusal(): Error {
    return unauthorized(keystoneChallenge(this.config.keystoneAuthUrl!));
  }

  private shareValidation(token: string, key: string): Promise<Caller | undefined> {
    let answer = this.pending.get(key);
    if (!answer) {
      answer = this.askKeystone(token, key).finally(() => this.pending.delete(key));
      this.pending.set(key, answer);
    }
    return answer;
  }

  private async askKeystone(token: string, key: string): Promise<Caller | undefined> {
    try {
      const described = await this.client.validate(token);
      const now = Date.now();
      if (!described || described.expiresAt <= now) {
        remember(this.rejected, key, true, Math.min(REJECTED_TTL_MS, this.config.tokenCacheSeconds * 1000));
        return undefined;
      }
      const caller = new Caller(described.userId, described.projectId, described.roles, this.rules);
      remember(this.accepted, key, caller, Math.min(described.expiresAt - now, this.config.tokenCacheSeconds * 1000));
      return caller;
    } catch (error) {
      if (error instanceof KeystoneUnavailable) this.logger.warn(`Keystone is unavailable: ${error.reason}`);
      throw error;
    }
  }
}

/** For the cache a ttl of 0 means no expiry, for TOKEN_CACHE_SECONDS it means no caching. */
function remember<Value extends object | true>(cache: LRUCache<string, Value>, key: string, value: Value, ttl: number) {
  if (ttl > 0) cache.set(key, value, { ttl });
}
