import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Config } from '../../config/config.js';
import { unauthorized } from '../../http/faults/keystone-fault.js';
import type { ApiRequest } from '../../http/api-request.js';
import type { Authenticator } from '../authenticator.js';
import { cacheKey } from '../token-cache-key.js';
import { Caller } from '../../domain/caller.js';
import { keystoneChallenge } from '../keystone-challenge.js';
import type { Rules } from '../../policy/policy-rules.js';
import type { Tracing } from '../../tracing/tracing.js';
import { KeystoneClient, KeystoneUnavailable } from './keystone-client.js';

/** Memory for accepted tokens, and what one takes without the texts that Keystone gives. */
const CACHE_BYTES = 8 * 1024 * 1024;
const CALLER_BYTES = 500;
/** Rejected tokens are remembered apart, so that a flood of them evicts no accepted one. */
const MAX_REJECTED = 10_000;
/** How long a token is rejected without asking Keystone again. */
const REJECTED_TTL_MS = 10_000;

/**
 * `AUTH_MODE=keystone`: X-Auth-Token holds a token of a Keystone, which is asked about each token once in
 * TOKEN_CACHE_SECONDS. No other header says anything of who calls.
 */
export class KeystoneAuth implements Authenticator, OnApplicationShutdown {
  private readonly logger = new Logger('Keystone');
  private readonly client: KeystoneClient;
  private readonly good = new LRUCache<string, Caller>({
    maxSize: CACHE_BYTES,
    sizeCalculation: ({ userId, projectId = '', roles }) =>
      CALLER_BYTES + 2 * [userId, projectId, ...roles].reduce((total, { length }) => total + length + 16, 0),
  });
  private readonly bad = new LRUCache<string, true>({ max: MAX_REJECTED });
  /** The questions that are under way: many requests with one token ask once. */
  private readonly asking = new Map<string, Promise<Caller | undefined>>();
  private hits = 0;
  private misses = 0;

  constructor(
    private readonly config: Config,
    private readonly rules: Rules,
    tracing: Tracing | undefined,
  ) {
    this.client = new KeystoneClient(config, tracing);
  }

  authenticate(request: ApiRequest): Caller | Promise<Caller> {
    const token = String(request.headers['x-auth-token'] ?? '');
    const key = cacheKey(token);
    if (key === undefined) throw this.refusal();
    const known = this.good.get(key);
    if (known) this.hits += 1;
    else this.misses += 1;
    return known ?? this.asked(token, key);
  }

  check(): Promise<void> {
    return this.client.check();
  }

  cacheUse(): { readonly hits: number; readonly misses: number } {
    return { hits: this.hits, misses: this.misses };
  }

  /** Comes after the last request was answered, which may have had a question. */
  onApplicationShutdown(): void {
    this.client.close();
  }

  private async asked(token: string, key: string): Promise<Caller> {
    const caller = this.bad.has(key) ? undefined : await this.once(token, key);
    if (!caller) throw this.refusal();
    return caller;
  }

  private refusal(): Error {
    return unauthorized(keystoneChallenge(this.config.keystoneAuthUrl!));
  }

  private once(token: string, key: string): Promise<Caller | undefined> {
    let answer = this.asking.get(key);
    if (!answer) {
      answer = this.ask(token, key).finally(() => this.asking.delete(key));
      this.asking.set(key, answer);
    }
    return answer;
  }

  private async ask(token: string, key: string): Promise<Caller | undefined> {
    try {
      const said = await this.client.validate(token);
      const now = Date.now();
      if (!said || said.expiresAt <= now) {
        remember(this.bad, key, true, Math.min(REJECTED_TTL_MS, this.config.tokenCacheSeconds * 1000));
        return undefined;
      }
      const caller = new Caller(said.userId, said.projectId, said.roles, this.rules);
      remember(this.good, key, caller, Math.min(said.expiresAt - now, this.config.tokenCacheSeconds * 1000));
      return caller;
    } catch (error) {
      if (error instanceof KeystoneUnavailable) this.logger.warn(`Keystone cannot be asked: ${error.reason}`);
      throw error;
    }
  }
}

/** A time to live of 0 means forever to the cache, and never to TOKEN_CACHE_SECONDS. */
function remember<Value extends object | true>(cache: LRUCache<string, Value>, key: string, value: Value, ttl: number) {
  if (ttl > 0) cache.set(key, value, { ttl });
}
