import { randomBytes } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import type {
  ApplicationCredentialRepository,
  StoredCredential,
} from '../../../persistence/repositories/application-credential.repository.js';
import type { Change, ChangeFeed } from '../../../persistence/change-feed.js';
import type { RevokedTokenRepository } from '../../../persistence/repositories/revoked-token.repository.js';
import { signedCacheKey } from '../../token-cache-key.js';
import { type Directory, DOMAIN, tokenMark, type Project, type User } from '../directory/directory.js';
import type { IdentityStore } from '../store/identity-store.js';
import { signClaims, verifyClaims } from './signed-claims.js';

/** What a token is for. */
export type Scope =
  | { readonly kind: 'project'; readonly project: Project }
  | { readonly kind: 'domain' }
  | { readonly kind: 'system' }
  | { readonly kind: 'unscoped' };

/** The content of a valid token. Times are in seconds since 1970. */
export interface Grant {
  readonly user: User;
  readonly scope: Scope;
  /** The names of the roles in that scope. */
  readonly roles: readonly string[];
  /** How the user logged in, such as `password`. */
  readonly methods: readonly string[];
  /** The application credential of the log-in: the token ends with it. */
  readonly credential?: StoredCredential;
  /** The token's own id, followed by that of the token of the first log-in. */
  readonly auditIds: readonly [string, ...string[]];
  readonly issuedAt: number;
  readonly expiresAt: number;
}

interface Claims extends JWTPayload {
  readonly methods: string[];
  readonly audit_ids: [string, ...string[]];
  readonly scope?: { readonly project?: string; readonly domain?: string; readonly system?: true };
  /** The id of the application credential. */
  readonly credential?: string;
  /** A fingerprint of the password at that time: a new password invalidates the tokens. */
  readonly password: string;
}

const TYPE = 'identity+jwt';

/** How long a token is accepted without reading the revocations again: the notice of another replica may be lost. */
const ACCEPTED_TTL_MS = 5_000;
/** Memory for accepted tokens, and what one takes: its hash and the grant, whose user and roles belong to the directory. */
const CACHE_BYTES = 8 * 1024 * 1024;
const GRANT_BYTES = 800;
/** Revocations that a read under way may have missed. A read lasts no longer than a statement of the database. */
const RECENT_REVOCATIONS = 10_000;

/** Issues, reads and revokes tokens. A token is a signed JWT; its roles are looked up when it is used. */
export class Tokens {
  private readonly known = new LRUCache<string, Grant>({
    maxSize: CACHE_BYTES,
    sizeCalculation: ({ roles }) => GRANT_BYTES + 8 * roles.length,
  });
  /** Audit ids of tokens, and ids of application credentials. */
  private readonly justRevoked = new LRUCache<string, true>({ max: RECENT_REVOCATIONS });
  /** Incremented whenever a grant that is being read may have become stale. */
  private generation = 0;

  constructor(
    private readonly store: IdentityStore,
    private readonly revoked: RevokedTokenRepository,
    private readonly credentials: ApplicationCredentialRepository,
    private readonly key: Uint8Array,
    /** Seconds from a log-in until its tokens expire. */
    private readonly lifetime: number,
    changes: ChangeFeed,
  ) {
    changes.onChange((change) => this.hear(change));
    store.onChange(() => this.forgetAll());
  }

  /**
   * Issues a token. One that is based on another token, or on an application credential, expires with it. Undefined if the user has no
   * role in the scope.
   */
  async issue(
    user: User,
    scope: Scope,
    methods: readonly string[],
    {
      from,
      credential,
    }: { readonly from?: Grant | undefined; readonly credential?: StoredCredential | undefined } = {},
  ): Promise<[string, Grant] | undefined> {
    const roles = credential ? rolesOfCredential(user, credential) : rolesIn(user, scope);
    if (!roles || (roles.length === 0 && scope.kind !== 'unscoped')) return undefined;
    const issuedAt = Math.floor(Date.now() / 1000);
    const own = randomBytes(16).toString('base64url');
    const grant: Grant = {
      user,
      scope,
      roles,
      methods,
      ...(credential && { credential }),
      auditIds: from ? [own, from.auditIds.at(-1)!] : [own],
      issuedAt,
      expiresAt: Math.min(
        from?.expiresAt ?? issuedAt + this.lifetime,
        credential ? Math.floor(expiryOf(credential) / 1000) : Infinity,
      ),
    };
    const claims = {
      methods: [...methods],
      audit_ids: grant.auditIds,
      scope: scopeClaim(scope),
      ...(credential && { credential: credential.id }),
      password: tokenMark(user),
    };
    return [await signClaims(this.key, TYPE, user.id, claims, grant), grant];
  }

  /** The grant of a token that was read a moment ago. Costs two microseconds. */
  recent(token: string): Grant | undefined {
    const key = signedCacheKey(token);
    return key === undefined ? undefined : this.known.get(key);
  }

  /**
   * The grant of a token; undefined if its signature is wrong, it has expired or was revoked, or its user or application credential no
   * longer exists.
   */
  async read(token: string): Promise<Grant | undefined> {
    const key = signedCacheKey(token);
    if (key === undefined) return undefined;
    const recent = this.known.get(key);
    if (recent) return recent;
    const { generation } = this;
    const claims = await verifyClaims<Claims>(this.key, TYPE, token);
    if (!claims) return undefined;
    const { audit_ids: ids, credential: credentialId } = claims;
    const [isRevoked, credential] = await Promise.all([
      this.revoked.has(ids[0]),
      credentialId === undefined ? undefined : this.credentials.find(credentialId),
    ]);
    if (isRevoked || (credentialId !== undefined && !credential)) return undefined;
    // The statements may not have seen a revocation that happened meanwhile.
    if (this.justRevoked.has(ids[0]) || (credentialId !== undefined && this.justRevoked.has(credentialId))) {
      return undefined;
    }
    const grant = findGrant(this.store.current(), claims, credential);
    if (!grant) return undefined;
    const ttl = Math.min(ACCEPTED_TTL_MS, grant.expiresAt * 1000 - Date.now());
    if (this.generation === generation && ttl > 0) this.known.set(key, grant, { ttl });
    return grant;
  }

  /** Revokes a token: here at once, on other replicas when they are notified, and within seconds if the notice is lost. */
  async revoke({ auditIds: [id], expiresAt }: Grant): Promise<void> {
    await this.revoked.add(id, expiresAt);
    this.forget(id);
  }

  /** Forgets a token by its audit id, or those of an application credential by its id, where it was revoked; other replicas hear of it. */
  forget(id: string): void {
    this.justRevoked.set(id, true);
    for (const [key, { auditIds, credential }] of this.known.entries()) {
      if (auditIds[0] === id || credential?.id === id) this.known.delete(key);
    }
  }

  private hear(change: Change | undefined): void {
    if (change === undefined) this.forgetAll();
    else if (change.kind === 'token' || change.kind === 'credential') this.forget(change.id);
  }

  private forgetAll(): void {
    this.generation += 1;
    this.known.clear();
  }
}

/** The names of the roles that a user has in a scope. */
function rolesIn(user: User, scope: Scope): readonly string[] {
  if (scope.kind === 'project') return user.projectRoles.get(scope.project.id) ?? [];
  if (scope.kind === 'domain') return user.domainRoles;
  return scope.kind === 'system' ? user.systemRoles : [];
}

function findGrant(directory: Directory, claims: Claims, credential: StoredCredential | undefined): Grant | undefined {
  const user = directory.user(claims.sub!);
  const scope = scopeOf(directory, claims.scope);
  if (!user?.enabled || !scope || claims.password !== tokenMark(user)) return undefined;
  const roles = credential ? rolesOfCredential(user, credential) : rolesIn(user, scope);
  if (!roles || (roles.length === 0 && scope.kind !== 'unscoped')) return undefined;
  const { methods, audit_ids: auditIds, iat, exp } = claims;
  return {
    user,
    scope,
    roles,
    methods,
    ...(credential && { credential }),
    auditIds,
    issuedAt: iat!,
    expiresAt: exp!,
  };
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
  return project?.enabled ? { kind: 'project', project } : undefined;
}

/**
 * The roles that an application credential gives its user; undefined once it has expired, and while the user is disabled or lacks one
 * of them in its project.
 */
function rolesOfCredential(user: User, credential: StoredCredential): readonly string[] | undefined {
  const held = user.projectRoles.get(credential.projectId) ?? [];
  const isLive = user.enabled && user.id === credential.userId && Date.now() < expiryOf(credential);
  return isLive && credential.roles.every((role) => held.includes(role)) ? credential.roles : undefined;
}

/** When a credential expires, in milliseconds since 1970. */
function expiryOf({ expiresAt }: StoredCredential): number {
  return expiresAt === null ? Infinity : Date.parse(`${expiresAt}Z`);
}
