import { All, Controller, Inject, Req } from '@nestjs/common';
import { RouteNotFound } from '../http/faults/http-errors.js';
import type { ApiRequest } from '../http/api-request.js';
import { AUTHENTICATOR, type Authenticator } from '../identity/authenticator.js';

/** Paths and methods under /v2 and /v2.1 that no other controller claims. */
@Controller(['v2', 'v2.1'])
export class UnclaimedController {
  constructor(@Inject(AUTHENTICATOR) private readonly authenticator: Authenticator) {}

  /** Nova answers OPTIONS on every path, without a token, with an empty body. Only an authenticated caller gets the 404. */
  @All('*')
  async answer(@Req() request: ApiRequest): Promise<void> {
    if (request.method === 'OPTIONS') return;
    request.caller = await this.authenticator.authenticate(request);
    throw new RouteNotFound();
  }
}
