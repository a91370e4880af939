import { DOMAIN, type Directory, idOf, type Project, type User } from './directory.js';
import type { Grant } from './tokens.js';

/** Responses in Keystone's form. `base` is the URL of the service without a final slash. */

/** `GET /identity` and `GET /identity/v3`. */
export function version(base: string): object {
  return {
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${base}/identity/v3/` }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
  };
}

/** The body of a token; without a catalog if the client requests none, or if it has no scope. */
export function token(grant: Grant, catalogOf: Catalog | undefined): object {
  const { user: holder, scope, roles, methods, auditIds, issuedAt, expiresAt } = grant;
  return {
    token: {
      methods,
      user: { domain: DOMAIN, id: holder.id, name: holder.name, password_expires_at: null },
      audit_ids: auditIds,
      expires_at: time(expiresAt),
      issued_at: time(issuedAt),
      ...(scope.kind === 'project' && {
        project: { domain: DOMAIN, id: scope.project.id, name: scope.project.name },
        is_domain: false,
      }),
      ...(scope.kind === 'domain' && { domain: DOMAIN }),
      ...(scope.kind === 'system' && { system: { all: true } }),
      ...(scope.kind !== 'unscoped' && {
        roles: roles.map(role),
        ...(catalogOf && { catalog: catalogOf }),
      }),
    },
  };
}

export type Catalog = readonly object[];

/** The catalog: compute and identity, both at this service. All three interfaces have the same address. */
export function catalog(base: string, region: string): Catalog {
  const service = (type: string, name: string, url: string): object => ({
    endpoints: ['public', 'internal', 'admin'].map((face) => ({
      id: idOf('endpoint', `${type} ${face}`),
      interface: face,
      region_id: region,
      region,
      url,
    })),
    id: idOf('service', type),
    type,
    name,
  });
  return [service('compute', 'nova', `${base}/v2.1`), service('identity', 'keystone', `${base}/identity`)];
}

export function user({ id, name, enabled }: User, base: string): object {
  const links = { self: `${base}/identity/v3/users/${id}` };
  return { id, name, enabled, domain_id: DOMAIN.id, password_expires_at: null, options: {}, links };
}

export function project({ id, name }: Project, base: string): object {
  return {
    id,
    name,
    enabled: true,
    description: '',
    domain_id: DOMAIN.id,
    is_domain: false,
    parent_id: DOMAIN.id,
    options: {},
    tags: [],
    links: { self: `${base}/identity/v3/projects/${id}` },
  };
}

export function domain(base: string): object {
  const links = { self: `${base}/identity/v3/domains/${DOMAIN.id}` };
  return { ...DOMAIN, description: 'The default domain', enabled: true, options: {}, tags: [], links };
}

export function role(name: string): { readonly id: string; readonly name: string } {
  return { id: idOf('role', name), name };
}

export function describedRole(name: string, base: string): object {
  const { id } = role(name);
  const links = { self: `${base}/identity/v3/roles/${id}` };
  return { id, name, domain_id: null, description: null, options: {}, links };
}

/** One entry for each role that a user has somewhere. */
export interface Assignment {
  readonly user: User;
  readonly role: string;
  readonly scope: { readonly project: Project } | 'domain' | 'system';
}

/** All role assignments, those of implied roles as well. */
export function assignmentsIn(directory: Directory): Assignment[] {
  return directory.users.flatMap((each) => [
    ...[...each.projectRoles].flatMap(([id, roles]) =>
      roles.map((name) => ({ user: each, role: name, scope: { project: directory.project(id)! } })),
    ),
    ...each.domainRoles.map((name) => ({ user: each, role: name, scope: 'domain' as const })),
    ...each.systemRoles.map((name) => ({ user: each, role: name, scope: 'system' as const })),
  ]);
}

export function assignment({ user: holder, role: name, scope }: Assignment, withNames: boolean): object {
  const named = (thing: { readonly id: string; readonly name: string }, isInDomain: boolean): object =>
    withNames ? { id: thing.id, name: thing.name, ...(isInDomain && { domain: DOMAIN }) } : { id: thing.id };
  return {
    role: named(role(name), false),
    user: named(holder, true),
    scope:
      scope === 'system'
        ? { system: { all: true } }
        : scope === 'domain'
          ? { domain: named(DOMAIN, false) }
          : { project: named(scope.project, true) },
    links: {},
  };
}

/** A list in Keystone's form; there is never another page. */
export function list(name: string, items: readonly object[], url: string): object {
  return { [name]: items, links: { next: null, self: url, previous: null } };
}

/** `2026-01-31T12:34:56.000000Z`. */
function time(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.(\d{3})Z$/, '.$1000Z');
}
