import { Injectable } from '@nestjs/common';
import { DomainError } from '../domain/domain-error.js';
import type { ApiRequest } from '../http/api-request.js';
import type { Authenticator } from './authenticator.js';
import { Caller } from '../domain/caller.js';
import { Rules } from '../policy/policy-rules.js';

const ADMIN = 'admin';
/** What keystoneauth, and so every OpenStack client, sends if it has no token. */
const UNUSED = 'notused';
/** The length of the columns with ids. */
const MAX_ID_LENGTH = 255;

/**
 * `AUTH_MODE=none`: trusts the token, as Nova's noauth2 did. `X-Auth-Token: USER_ID:PROJECT_ID`; without a
 * project the user's id is the project's; without a token the caller is admin. Loopback only: see the configuration.
 */
@Injectable()
export class NoAuth implements Authenticator {
  constructor(private readonly rules: Rules) {}

  authenticate(request: ApiRequest): Caller {
    const sent = request.headers['x-auth-token'];
    const token = sent && sent !== UNUSED ? String(sent) : `${ADMIN}:${ADMIN}`;
    const [userId = '', projectId = ''] = token.split(':', 2);
    if (Math.max(userId.length, projectId.length) > MAX_ID_LENGTH) {
      throw new DomainError('invalid-caller', `X-Auth-Token must hold ids of at most ${MAX_ID_LENGTH} characters.`);
    }
    return new Caller(userId, projectId || userId, userId === ADMIN ? [ADMIN] : ['member'], this.rules);
  }
}
