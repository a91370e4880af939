import { Inject, Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { CONFIG, type Config } from '../config/config.js';
import { DomainError } from '../domain/domain-error.js';
import type { Caller } from '../domain/caller.js';

/** The caller has used up the requests of RATE_LIMIT. The message is that of Nova when it still limited rates (RateLimitFault). */
class RateLimited extends DomainError {
  constructor(readonly retryAfterSeconds: number) {
    super('rate-limited', `This request was rate-limited. Try again in ${retryAfterSeconds} seconds.`);
  }
}

/** Enforces RATE_LIMIT. It counts users and not tokens or addresses, so a new token brings no new requests. */
@Injectable()
export class RateLimit {
  private readonly limiter: RateLimiterMemory | undefined;

  constructor(@Inject(CONFIG) { rateLimit }: Config) {
    this.limiter = rateLimit && new RateLimiterMemory({ points: rateLimit.max, duration: rateLimit.seconds });
  }

  /** Throws {@link RateLimited} if this request exceeds the limit. */
  async count(caller: Caller): Promise<void> {
    try {
      await this.limiter?.consume(caller.userId);
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      throw new RateLimited(Math.max(1, Math.ceil(refused.msBeforeNext / 1000)));
    }
  }
}
