import { Injectable } from '@nestjs/common';
import { KeystoneFault, unauthorized } from '../../http/faults/keystone-fault.js';
import type { ApiRequest } from '../../http/api-request.js';
import { BaseUrl } from '../../http/base-url.js';
import { keystoneChallenge } from '../keystone-challenge.js';
import { type Grant, Tokens } from './tokens.js';

/** Who may ask the built-in identity what. */
@Injectable()
export class Access {
  constructor(
    private readonly tokens: Tokens,
    private readonly baseUrl: BaseUrl,
  ) {}

  /** What the token in X-Auth-Token says. Throws a KeystoneFault, 401. */
  async holder(request: ApiRequest): Promise<Grant> {
    const grant = await this.tokens.read(String(request.headers['x-auth-token'] ?? ''));
    if (!grant) throw unauthorized(this.challenge(request));
    return grant;
  }

  /** The value of WWW-Authenticate. */
  challenge(request: ApiRequest): string {
    return keystoneChallenge(`${this.baseUrl.of(request)}/identity`);
  }
}

/** Throws a KeystoneFault, 403, unless the holder of a token is an administrator or `isOwn`. `action` as in `list_users`. */
export function mayDo(holder: Grant, action: string, isOwn = false): void {
  if (isOwn || holder.roles.includes('admin')) return;
  const says = `You are not authorized to perform the requested action: identity:${action}.`;
  throw new KeystoneFault(403, 'Forbidden', says);
}

/** A thing that is not there, as in `user: 1234`. */
export function notFound(what: string): KeystoneFault {
  return new KeystoneFault(404, 'Not Found', `Could not find ${what}.`);
}
