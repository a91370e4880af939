import { AUTHENTICATION_REQUIRED, KeystoneFault } from '../../http/faults/keystone-fault.js';
import type { LoginThrottle } from '../login-throttle.js';
import { verifyInEqualTime } from '../passwords.js';
import type { AuthRequest, Named, RequestedScope } from './auth-request.js';
import { DOMAIN, type Project, type User } from './directory.js';
import type { IdentityStore } from './identity-store.js';
import type { Grant, Scope, Tokens } from './tokens.js';

/** A refused log-in. Only the audit line, not the response, has the reason. */
export class LogInRefused extends KeystoneFault {
  constructor(
    readonly reason: 'password' | 'token' | 'scope',
    /** The user, if it exists; unknown names are not recorded, since users may type a password in that field. */
    readonly userId: string | undefined,
    challenge: string,
  ) {
    super('unauthorized', AUTHENTICATION_REQUIRED, { 'WWW-Authenticate': challenge });
  }
}

/** Authenticates users and issues tokens. */
export class LogIn {
  constructor(
    private readonly store: IdentityStore,
    private readonly tokens: Tokens,
    private readonly throttle: LoginThrottle,
  ) {}

  /**
   * A token for the requested scope. Throws {@link LogInRefused}, 401, if the user, the password, the token or the scope is wrong,
   * and a KeystoneFault, 429, after many failures.
   */
  async tokenFor(request: AuthRequest, address: string, challenge: string): Promise<[string, Grant]> {
    const from = request.token && (await this.tokens.read(request.token.id));
    if (request.token && !from) throw new LogInRefused('token', undefined, challenge);
    const user = request.password ? await this.checkPassword(request.password, address, challenge) : from!.user;
    if (from && from.user.id !== user.id) throw new LogInRefused('token', user.id, challenge);
    const scope = this.scope(request.scope);
    const issued = scope && (await this.tokens.issue(user, scope, request.password ? 'password' : 'token', from));
    if (!issued) throw new LogInRefused('scope', user.id, challenge);
    return issued;
  }

  private async checkPassword(
    { user: named, password }: NonNullable<AuthRequest['password']>,
    address: string,
    challenge: string,
  ): Promise<User> {
    const user = this.user(named);
    const key = user?.id ?? ('id' in named ? named.id : named.name);
    const hash = user?.enabled ? user.passwordHash : undefined;
    const { hashOfEachCost } = this.store.current();
    const isRight = await this.throttle.attempt(key, address, () => verifyInEqualTime(password, hash, hashOfEachCost));
    if (!user || !isRight) throw new LogInRefused('password', user?.id, challenge);
    return user;
  }

  private user(named: Named): User | undefined {
    if ('id' in named) return this.store.current().user(named.id);
    return isOurs(named.domain) ? this.store.current().userNamed(named.name) : undefined;
  }

  private scope(request: RequestedScope): Scope | undefined {
    if (request.kind === 'domain') return isOurs(request.domain) ? { kind: 'domain' } : undefined;
    if (request.kind !== 'project') return { kind: request.kind };
    const project = this.project(request.project);
    return project && { kind: 'project', project };
  }

  private project(named: Named): Project | undefined {
    if ('id' in named) return this.store.current().project(named.id);
    return isOurs(named.domain) ? this.store.current().projectNamed(named.name) : undefined;
  }
}

function isOurs(domain: { readonly id: string } | { readonly name: string }): boolean {
  return 'id' in domain ? domain.id === DOMAIN.id : domain.name === DOMAIN.name;
}
