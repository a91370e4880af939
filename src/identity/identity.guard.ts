import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { ApiRequest } from '../http/api-request.js';
import { AUTHENTICATOR, type Authenticator } from './authenticator.js';
import { RateLimit } from './rate-limit.js';

/** Authenticates the caller. Runs first, so that unauthenticated clients cannot find out which routes exist. */
@Injectable()
export class IdentityGuard implements CanActivate {
  constructor(
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
    private readonly rate: RateLimit,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ApiRequest>();
    request.caller = (await this.authenticator.authenticate(request)).in(request.id);
    await this.rate.count(request.caller);
    return true;
  }
}
