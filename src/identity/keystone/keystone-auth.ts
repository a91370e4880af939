import { createHash } from 'node:crypto';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { unauthorized } from '../../http/faults/keystone-fault.js';
import type { ApiRequest } from '../../http/api-request.js';
import type { Authenticator } from '../authenticator.js';
import { BoundedCache } from '../bounded-cache.js';
import { Caller } from '../../domain/caller.js';
import { keystoneChallenge } from '../keystone-challenge.js';
import type { Rules } from '../../policy/policy-rules.js';
import type { Tracing } from '../../tracing/tracing.js';
import { KeystoneClient, KeystoneUnavailable } from './keystone-client.js';

/** Tokens that are remembered, good and bad ones apart, so that a flood of bad ones drives out no good one. */
const CAPACITY = 10_000;
/** Milliseconds that a bad token counts as bad without asking again. */
const REJECTED_TTL_MS = 10_000;

/**
 * `AUTH_MODE=keystone`: X-Auth-Token holds a token of a Keystone, which is asked about each token once in
 * TOKEN_CACHE_SECONDS. No other header says anything of who calls.
 */
export class KeystoneAuth implements Authenticator, OnApplicationShutdown {
  private readonly logger = new Logger('Keystone');
  private readonly client: KeystoneClient;
  private readonly good = new BoundedCache<Caller>(CAPACITY);
  private readonly bad = new BoundedCache<true>(CAPACITY);
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
    // Hashed, so that tokens are no longer in memory than their requests, and long ones take no more of it.
    const key = createHash('sha256').update(token).digest('base64');
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
    const caller = token === '' || this.bad.get(key) ? undefined : await this.once(token, key);
    if (!caller) throw unauthorized(keystoneChallenge(this.config.keystoneAuthUrl!));
    return caller;
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
        this.bad.set(key, true, now + Math.min(REJECTED_TTL_MS, this.config.tokenCache * 1000));
        return undefined;
      }
      const caller = new Caller(said.userId, said.projectId, said.roles, this.rules);
      this.good.set(key, caller, Math.min(said.expiresAt, now + this.config.tokenCache * 1000));
      return caller;
    } catch (error) {
      if (error instanceof KeystoneUnavailable) this.logger.warn(`Keystone cannot be asked: ${error.reason}`);
      throw error;
    }
  }
}
