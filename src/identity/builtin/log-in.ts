import { AUTHENTICATION_REQUIRED, KeystoneFault } from '../../http/faults/keystone-fault.js';
import type { LoginThrottle } from '../login-throttle.js';
import { verifyInEqualTime } from '../passwords.js';
import type { AuthRequest, Named, RequestedScope } from './auth-request.js';
import { DOMAIN, type Project, type User } from './directory.js';
import type { IdentityStore } from './identity-store.js';
import type { Grant, Scope, Tokens } from './tokens.js';

/** A log-in that is refused. The client is not told which part was wrong; the audit is. */
export class LogInRefused extends KeystoneFault {
  constructor(
    readonly reason: 'password' | 'token' | 'scope',
    /** The user that was meant, where there is such a one: other names are not kept, since people mistake the field. */
    readonly userId: string | undefined,
    challenge: string,
  ) {
    super('unauthorized', AUTHENTICATION_REQUIRED, { 'WWW-Authenticate': challenge });
  }
}

/** Checks who wants a token, and gives it. */
export class LogIn {
  constructor(
    private readonly store: IdentityStore,
    private readonly tokens: Tokens,
    private readonly throttle: LoginThrottle,
  ) {}

  /**
   * A token for what was asked. Throws {@link LogInRefused}, 401, where the user, the password, the token or the scope is wrong,
   * whichever it is, and a KeystoneFault, 429, after many failures.
   */
  async tokenFor(wanted: AuthRequest, address: string, challenge: string): Promise<[string, Grant]> {
    const from = wanted.token && (await this.tokens.read(wanted.token.id));
    if (wanted.token && !from) throw new LogInRefused('token', undefined, challenge);
    const user = wanted.password ? await this.checked(wanted.password, address, challenge) : from!.user;
    if (from && from.user.id !== user.id) throw new LogInRefused('token', user.id, challenge);
    const scope = this.scope(wanted.scope);
    const issued = scope && (await this.tokens.issue(user, scope, wanted.password ? 'password' : 'token', from));
    if (!issued) throw new LogInRefused('scope', user.id, challenge);
    return issued;
  }

  private async checked(
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

  private scope(wanted: RequestedScope): Scope | undefined {
    if (wanted.kind === 'domain') return isOurs(wanted.domain) ? { kind: 'domain' } : undefined;
    if (wanted.kind !== 'project') return { kind: wanted.kind };
    const project = this.project(wanted.project);
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
