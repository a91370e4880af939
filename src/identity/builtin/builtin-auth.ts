import { Injectable } from '@nestjs/common';
import { keystoneChallenge, unauthorized } from '../../http/faults/keystone-fault.js';
import type { ApiRequest } from '../../http/api-request.js';
import { BaseUrl } from '../../http/base-url.js';
import type { Authenticator } from '../authenticator.js';
import { Caller } from '../../domain/caller.js';
import { Rules } from '../../policy/policy-rules.js';
import { type Grant, Tokens } from './log-in/tokens.js';

/** `AUTH_MODE=builtin`: X-Auth-Token holds a token of the built-in identity. */
@Injectable()
export class BuiltinAuth implements Authenticator {
  /** The caller that each grant stands for: a token is used many times. */
  private readonly callers = new WeakMap<Grant, Caller>();

  constructor(
    private readonly tokens: Tokens,
    private readonly baseUrl: BaseUrl,
    private readonly rules: Rules,
  ) {}

  authenticate(request: ApiRequest): Caller | Promise<Caller> {
    const token = String(request.headers['x-auth-token'] ?? '');
    const grant = this.tokens.recent(token);
    return grant ? this.caller(grant) : this.looked(token, request);
  }

  private async looked(token: string, request: ApiRequest): Promise<Caller> {
    const grant = token === '' ? undefined : await this.tokens.read(token);
    if (!grant) throw unauthorized(keystoneChallenge(`${this.baseUrl.of(request)}/identity`));
    return this.caller(grant);
  }

  private caller(grant: Grant): Caller {
    let caller = this.callers.get(grant);
    if (!caller) {
      const { user, scope, roles } = grant;
      caller = new Caller(user.id, scope.kind === 'project' ? scope.project.id : undefined, roles, this.rules);
      this.callers.set(grant, caller);
    }
    return caller;
  }
}
