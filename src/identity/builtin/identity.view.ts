import type { StoredCredential } from '../../persistence/repositories/application-credential.repository.js';
import type { Extra } from '../../persistence/repositories/identity.repository.js';
import {
  type Account,
  BOOTSTRAP_ROLES,
  DOMAIN,
  type Directory,
  IMPLIED_ROLES,
  idOf,
  type Project,
  type User,
} from './directory/directory.js';
import type { CatalogEndpoint, CatalogService, IdentityEndpoint, IdentityService } from './identity.response.js';
import type { Receipt } from './log-in/receipts.js';
import type { Grant } from './log-in/tokens.js';

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
export function showToken(grant: Grant, catalogOf: Catalog | undefined): object {
  const { user: holder, scope, roles, methods, credential, auditIds, issuedAt, expiresAt } = grant;
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
      ...(credential && {
        application_credential: {
          id: credential.id,
          name: credential.name,
          restricted: credential.unrestricted !== true,
        },
      }),
    },
  };
}

/** The answer to a log-in that needs another method, such as one of these lists. */
export function showReceipt(
  { user: holder, methods, issuedAt, expiresAt }: Receipt,
  required: readonly (readonly string[])[],
): object {
  return {
    receipt: {
      methods,
      user: { id: holder.id, name: holder.name, domain: DOMAIN },
      expires_at: time(expiresAt),
      issued_at: time(issuedAt),
    },
    required_auth_methods: required,
  };
}

export type Catalog = readonly CatalogService[];

/** The catalog: compute and identity, both at this service. All three interfaces have the same address. */
export function catalog(base: string, regionId: string): Catalog {
  const entry = (type: string, name: string, url: string): CatalogService => ({
    endpoints: ['public', 'internal', 'admin'].map((face) => ({
      id: idOf('endpoint', `${type} ${face}`),
      interface: face,
      region_id: regionId,
      region: regionId,
      url,
    })),
    id: idOf('service', type),
    type,
    name,
  });
  return [entry('compute', 'nova', `${base}/v2.1`), entry('identity', 'keystone', `${base}/identity`)];
}

export function service({ id, name, type }: CatalogService, base: string): IdentityService {
  return { id, name, type, enabled: true, links: { self: `${base}/identity/v3/services/${id}` } };
}

export function endpoint(
  { id: serviceId }: CatalogService,
  inCatalog: Readonly<CatalogEndpoint>,
  base: string,
): IdentityEndpoint {
  const links = { self: `${base}/identity/v3/endpoints/${inCatalog.id}` };
  return { ...inCatalog, service_id: serviceId, enabled: true, links };
}

export function region(id: string, base: string): object {
  return { id, description: '', parent_region_id: null, links: { self: `${base}/identity/v3/regions/${id}` } };
}

export function user({ id, name, enabled, defaultProjectId, extra }: Account, base: string): object {
  return {
    ...extra,
    id,
    name,
    enabled,
    domain_id: DOMAIN.id,
    ...(defaultProjectId !== null && { default_project_id: defaultProjectId }),
    password_expires_at: null,
    options: {},
    links: { self: `${base}/identity/v3/users/${id}` },
  };
}

export function project({ id, name, enabled, description, tags, extra }: Project, base: string): object {
  return {
    ...extra,
    id,
    name,
    enabled,
    description,
    domain_id: DOMAIN.id,
    is_domain: false,
    parent_id: DOMAIN.id,
    options: {},
    tags,
    links: { self: `${base}/identity/v3/projects/${id}` },
  };
}

/** A user or project that was changed, with the attributes that only clients know once more, as in Keystone. */
export function changed(shown: object, extra: Extra): object {
  return { ...shown, extra };
}

export function domain(base: string): object {
  const links = { self: `${base}/identity/v3/domains/${DOMAIN.id}` };
  return { ...DOMAIN, description: 'The default domain', enabled: true, options: {}, tags: [], links };
}

/** The domain as Keystone lists it among the projects, where a client requests those that are domains. */
export function domainAsProject(base: string): object {
  const links = { self: `${base}/identity/v3/projects/${DOMAIN.id}` };
  return { ...domain(base), domain_id: null, is_domain: true, parent_id: null, links };
}

export function role(name: string): { readonly id: string; readonly name: string } {
  return { id: idOf('role', name), name };
}

export function describedRole(name: string, base: string): object {
  return { ...roleEntry(name), links: roleLinks(name, base) };
}

function roleEntry(name: string): object {
  const options = BOOTSTRAP_ROLES.includes(name) ? { immutable: true } : {};
  return { ...role(name), domain_id: null, description: null, options };
}

/** Keystone's links of application credentials leave the user out, and lead nowhere. */
export function applicationCredential(credential: StoredCredential, base: string): object {
  const { id, name, description, userId, projectId, expiresAt, unrestricted, roles } = credential;
  return {
    id,
    name,
    description,
    user_id: userId,
    project_id: projectId,
    system: null,
    expires_at: expiresAt,
    unrestricted,
    roles: roles.map(roleEntry),
    links: { self: `${base}/identity/v3/application_credentials/${id}` },
  };
}

/** Each role that implies another, with that one. */
export function roleInferences(base: string): object[] {
  const linked = (name: string): object => ({ ...role(name), links: roleLinks(name, base) });
  return [...IMPLIED_ROLES].map(([prior, implied]) => ({ prior_role: linked(prior), implies: [linked(implied)] }));
}

function roleLinks(name: string, base: string): object {
  return { self: `${base}/identity/v3/roles/${role(name).id}` };
}

/** A role that a user has somewhere. */
export interface Assignment {
  readonly user: User;
  readonly role: string;
  /** The role that implies it, where the user has it by that alone. */
  readonly priorRole?: string;
  readonly scope: { readonly project: Project } | 'domain' | 'system';
}

/** The roles that were assigned, with `isEffective` those that they imply too. */
export function assignmentsIn(directory: Directory, isEffective: boolean): Assignment[] {
  return directory.users.flatMap((each) => {
    const { projectRoles, domainRoles, systemRoles } = each.assigned;
    const at = (scope: Assignment['scope'], roles: readonly string[]): Assignment[] => [
      ...roles.map((name) => ({ user: each, role: name, scope })),
      ...(isEffective ? impliedBy(roles) : []).map((implied) => ({ user: each, ...implied, scope })),
    ];
    return [
      ...[...projectRoles].flatMap(([id, roles]) => at({ project: directory.project(id)! }, roles)),
      ...at('domain', domainRoles),
      // Keystone leaves the system out of what is effective.
      ...(isEffective ? [] : at('system', systemRoles)),
    ];
  });
}

/** The roles that others imply and that are not among these. */
function impliedBy(roles: readonly string[]): { role: string; priorRole: string }[] {
  const found = new Map<string, string>();
  for (const name of roles) {
    let priorRole = name;
    for (let next = IMPLIED_ROLES.get(name); next !== undefined; next = IMPLIED_ROLES.get(next)) {
      if (!roles.includes(next) && !found.has(next)) found.set(next, priorRole);
      priorRole = next;
    }
  }
  return [...found].map(([name, priorRole]) => ({ role: name, priorRole }));
}

export function assignment(
  { user: holder, role: name, priorRole, scope }: Assignment,
  withNames: boolean,
  base: string,
): object {
  const named = (thing: { readonly id: string; readonly name: string }, isInDomain: boolean): object =>
    withNames ? { id: thing.id, name: thing.name, ...(isInDomain && { domain: DOMAIN }) } : { id: thing.id };
  const [place, shownScope] =
    scope === 'system'
      ? ['system', { system: { all: true } }]
      : scope === 'domain'
        ? [`domains/${DOMAIN.id}`, { domain: named(DOMAIN, false) }]
        : [`projects/${scope.project.id}`, { project: named(scope.project, true) }];
  const identity = `${base}/identity/v3`;
  const [own, prior] = [role(name), role(priorRole ?? name)];
  return {
    links: {
      assignment: `${identity}/${place}/users/${holder.id}/roles/${prior.id}`,
      ...(priorRole !== undefined && { prior_role: `${identity}/prior_role/${own.id}/implies/${prior.id}` }),
    },
    scope: shownScope,
    user: named(holder, true),
    role: named(own, false),
  };
}

/** `2026-01-31T12:34:56.000000Z`. */
function time(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.(\d{3})Z$/, '.$1000Z');
}
