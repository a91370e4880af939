import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { ApiRequest } from '../http/api-request.js';
import { AUTHENTICATOR, type Authenticator } from './authenticator.js';

/** Lets in whoever the authenticator knows, and notes the caller. It comes first: a stranger does not learn what routes there are. */
@Injectable()
export class IdentityGuard implements CanActivate {
  constructor(@Inject(AUTHENTICATOR) private readonly authenticator: Authenticator) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ApiRequest>();
    request.caller = await this.authenticator.authenticate(request);
    return true;
  }
}
