import { Injectable } from '@nestjs/common';
import type { Actor } from '../../audit/audit-line.js';
import { keystoneChallenge, notAuthorized, unauthorized } from '../../http/faults/keystone-fault.js';
import type { ApiRequest } from '../../http/api-request.js';
import { BaseUrl } from '../../http/base-url.js';
import { Caller, type Requester } from '../../domain/caller.js';
import type { IdentityAction } from '../../policy/policy.js';
import { Rules } from '../../policy/policy-rules.js';
import { type Grant, Tokens } from './log-in/tokens.js';

/** The policy of the built-in identity. */
@Injectable()
export class Access {
  constructor(
    private readonly tokens: Tokens,
    private readonly baseUrl: BaseUrl,
    private readonly rules: Rules,
  ) {}

  /**
   * The holder of the token, if the policy allows the action. `isOwn`: whether the target belongs to the holder, which counts whether or
   * not there is such a target. Throws a KeystoneFault, 401 or 403.
   */
  async allowed(request: ApiRequest, action: IdentityAction, isOwn?: (holder: Grant) => boolean): Promise<Grant> {
    const holder = await this.holder(request);
    this.require(holder, action, isOwn?.(holder));
    return holder;
  }

  /** Throws a KeystoneFault, 403, unless the policy allows the action. `isOwn`: the target belongs to the holder. */
  require({ user, scope, roles }: Grant, action: IdentityAction, isOwn = false): void {
    const projectId = scope.kind === 'project' ? scope.project.id : undefined;
    const target = isOwn ? { userId: user.id, projectId } : {};
    if (this.rules.allows(action, new Caller(user.id, projectId, roles, this.rules), target)) return;
    throw notAuthorized(action);
  }

  /** The grant of the token in X-Auth-Token. Throws a KeystoneFault, 401. */
  async holder(request: ApiRequest): Promise<Grant> {
    const grant = await this.tokens.read(String(request.headers['x-auth-token'] ?? ''));
    if (!grant) throw unauthorized(this.challenge(request));
    return grant;
  }

  /** The value of WWW-Authenticate. */
  challenge(request: ApiRequest): string {
    return keystoneChallenge(`${this.baseUrl.of(request)}/identity/v3`);
  }
}

/** Whether what belongs to a user belongs to the holder of a token. */
export const ownedBy =
  (userId: string) =>
  ({ user }: Grant): boolean =>
    user.id === userId;

/** Who holds a token, for the audit line. */
export function actorOf({ user, scope }: Grant, request: ApiRequest): Actor {
  return { user: user.id, project: scope.kind === 'project' ? scope.project.id : undefined, from: request.ip };
}

/** The same for the event of a change. */
export function requesterOf({ user, scope }: Grant, request: ApiRequest): Requester {
  const projectId = scope.kind === 'project' ? scope.project.id : undefined;
  return { userId: user.id, projectId, requestId: request.id };
}
