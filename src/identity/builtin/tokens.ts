import { createHash, randomBytes } from 'node:crypto';
import { type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { Change, ChangeFeed } from '../../persistence/change-feed.js';
import type { RevokedTokenRepository } from '../../persistence/revoked-token.repository.js';
import { BoundedCache } from '../bounded-cache.js';
import { type Directory, DOMAIN, type Project, type User } from './directory.js';
import type { IdentityStore } from './identity-store.js';

/** What a token is for. */
export type Scope =
  | { readonly kind: 'project'; readonly project: Project }
  | { readonly kind: 'domain' }
  | { readonly kind: 'system' }
  | { readonly kind: 'unscoped' };

/** What a good token says. Times are in seconds since 1970. */
export interface Grant {
  readonly user: User;
  readonly scope: Scope;
  /** The names of the roles in that scope. */
  readonly roles: readonly string[];
  /** How the user logged in: `password`, `token`. */
  readonly methods: readonly string[];
  /** The token's own id, and behind it that of the token which the first log-in gave. */
  readonly auditIds: readonly [string, ...string[]];
  readonly issuedAt: number;
  readonly expiresAt: number;
}

interface Claims extends JWTPayload {
  readonly methods: string[];
  readonly audit_ids: [string, ...string[]];
  readonly scope?: { readonly project?: string; readonly domain?: string; readonly system?: true };
  /** The password that was good then: a new one makes the tokens of the old one void. */
  readonly password: string;
}

const ALGORITHM = 'HS256';
const ISSUER = 'latchkey';
const TYPE = 'identity+jwt';

/** Milliseconds that a token counts as good without another look at the revocations: that of another replica may not be heard. */
const ACCEPTED_TTL_MS = 5_000;
/** Tokens that are remembered; about a kilobyte each. */
const CAPACITY = 10_000;

/** Gives tokens out, reads them, and takes them back. A token is a signed JWT; what it may do is looked up when it is used. */
export class Tokens {
  private readonly known = new BoundedCache<Grant>(CAPACITY);
  /** Counts what other replicas tell, to see whether something was told during a look at the database. */
  private heard = 0;

  constructor(
    private readonly store: IdentityStore,
    private readonly revoked: RevokedTokenRepository,
    private readonly key: Uint8Array,
    /** Seconds from a log-in until its tokens expire. */
    private readonly lifetime: number,
    changes: ChangeFeed,
  ) {
    changes.onChange((change) => this.hear(change));
    store.onChange(() => this.known.clear());
  }

  /** A token for a user. One that comes from another token expires with it. Undefined where the user has no role in the scope. */
  async issue(user: User, scope: Scope, method: string, from?: Grant): Promise<[string, Grant] | undefined> {
    const roles = rolesIn(user, scope);
    if (roles.length === 0 && scope.kind !== 'unscoped') return undefined;
    const issuedAt = Math.floor(Date.now() / 1000);
    const own = randomBytes(16).toString('base64url');
    const grant: Grant = {
      user,
      scope,
      roles,
      methods: [...new Set([method, ...(from?.methods ?? [])])],
      auditIds: from ? [own, from.auditIds.at(-1)!] : [own],
      issuedAt,
      expiresAt: from?.expiresAt ?? issuedAt + this.lifetime,
    };
    const claims = {
      methods: grant.methods,
      audit_ids: grant.auditIds,
      scope: scopeClaim(scope),
      password: mark(user),
    };
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
      .setIssuer(ISSUER)
      .setSubject(user.id)
      .setIssuedAt(issuedAt)
      .setExpirationTime(grant.expiresAt)
      .sign(this.key);
    return [token, grant];
  }

  /** What a token says, if it was looked at a moment ago. Costs a microsecond. */
  recent(token: string): Grant | undefined {
    return this.known.get(token);
  }

  /** What a token says; undefined where it is none of ours, has expired, was revoked, or its user has gone. */
  async read(token: string): Promise<Grant | undefined> {
    const recent = this.recent(token);
    if (recent) return recent;
    const { heard } = this;
    const claims = await this.claims(token);
    const grant = claims && granted(this.store.current(), claims);
    if (!grant || (await this.revoked.has(grant.auditIds[0]))) return undefined;
    if (this.heard === heard)
      this.known.set(token, grant, Math.min(Date.now() + ACCEPTED_TTL_MS, grant.expiresAt * 1000));
    return grant;
  }

  /** Makes a token void: here at once, on other replicas as soon as they hear of it, and within seconds where they do not. */
  async revoke(token: string, grant: Grant): Promise<void> {
    await this.revoked.add(grant.auditIds[0], grant.expiresAt);
    this.known.delete(token);
  }

  private hear(change: Change | undefined): void {
    this.heard += 1;
    if (change === undefined) this.known.clear();
    else if (change.kind === 'token') this.known.deleteIf(({ auditIds: [own] }) => own === change.id);
  }

  private async claims(token: string): Promise<Claims | undefined> {
    try {
      const { payload } = await jwtVerify<Claims>(token, this.key, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        typ: TYPE,
      });
      return payload;
    } catch {
      // Whatever is wrong with it: nobody is told more than that it is no token.
      return undefined;
    }
  }
}

/** The names of the roles that a user has in a scope. */
export function rolesIn(user: User, scope: Scope): readonly string[] {
  if (scope.kind === 'project') return user.projectRoles.get(scope.project.id) ?? [];
  if (scope.kind === 'domain') return user.domainRoles;
  return scope.kind === 'system' ? user.systemRoles : [];
}

function granted(directory: Directory, claims: Claims): Grant | undefined {
  const user = directory.user(claims.sub!);
  const scope = scopeOf(directory, claims.scope);
  if (!user?.enabled || !scope || claims.password !== mark(user)) return undefined;
  const roles = rolesIn(user, scope);
  if (roles.length === 0 && scope.kind !== 'unscoped') return undefined;
  const { methods, audit_ids: auditIds, iat, exp } = claims;
  return { user, scope, roles, methods, auditIds, issuedAt: iat!, expiresAt: exp! };
}

function scopeClaim(scope: Scope): Claims['scope'] {
  if (scope.kind === 'project') return { project: scope.project.id };
  if (scope.kind === 'domain') return { domain: DOMAIN.id };
  return scope.kind === 'system' ? { system: true } : undefined;
}

function scopeOf(directory: Directory, claim: Claims['scope']): Scope | undefined {
  if (claim === undefined) return { kind: 'unscoped' };
  if (claim.system) return { kind: 'system' };
  if (claim.domain !== undefined) return { kind: 'domain' };
  const project = directory.project(claim.project!);
  return project && { kind: 'project', project };
}

/** Tells passwords apart without saying anything of them: a hash of their salted hash. */
function mark(user: User): string {
  return createHash('sha256').update(user.passwordHash).digest('base64url').slice(0, 16);
}
