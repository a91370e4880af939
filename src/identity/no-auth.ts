import type { ApiRequest } from '../http/api-request.js';
import type { Authenticator } from './authenticator.js';
import { Caller } from './caller.js';
import type { Rules } from './policy-rules.js';

const ADMIN = 'admin';

/**
 * `AUTH_MODE=none`: believes what the token says, as Nova's noauth2 did. `X-Auth-Token: USER_ID:PROJECT_ID`; without a
 * project the user's id is the project's; without a token the caller is admin. Loopback only: see the configuration.
 */
export class NoAuth implements Authenticator {
  constructor(private readonly rules: Rules) {}

  authenticate(request: ApiRequest): Caller {
    const token = String(request.headers['x-auth-token'] ?? '') || `${ADMIN}:${ADMIN}`;
    const [userId = '', projectId = ''] = token.split(':', 2);
    return new Caller(userId, projectId || userId, userId === ADMIN ? [ADMIN] : ['member'], this.rules);
  }
}
