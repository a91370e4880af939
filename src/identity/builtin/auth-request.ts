import { KeystoneFault, unauthorized } from '../../http/faults/keystone-fault.js';

/** A user or project in a request: by its id, or by its name and domain. */
export type Named = { readonly id: string } | { readonly name: string; readonly domain: DomainName };
type DomainName = { readonly id: string } | { readonly name: string };

/** The body of a log-in, read. */
export interface AuthRequest {
  readonly password?: { readonly user: Named; readonly password: string };
  readonly token?: { readonly id: string };
  readonly scope: RequestedScope;
}

export type RequestedScope =
  | { readonly kind: 'project'; readonly project: Named }
  | { readonly kind: 'domain'; readonly domain: DomainName }
  | { readonly kind: 'system' }
  | { readonly kind: 'unscoped' };

/** Keystone's end of every message about a body. */
const MALFORMED =
  'The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.';

function malformed(message: string): KeystoneFault {
  return new KeystoneFault('bad-request', `${message} ${MALFORMED}`);
}

type Fields = Record<string, unknown>;

/**
 * Reads the body of `POST /v3/auth/tokens`. Throws a KeystoneFault: 400 if it is malformed, 401 for unsupported ways to log in.
 * Messages quote no values: one of them is a password.
 */
export function readAuthRequest(body: unknown, challenge: string): AuthRequest {
  const auth = fields(fields(jsonOf(body), 'the request body').auth, 'auth');
  const identity = fields(auth.identity, 'identity');
  const { methods } = identity;
  if (!Array.isArray(methods) || methods.length === 0) throw malformed('Expecting to find methods in identity.');
  for (const method of methods) {
    if (method !== 'password' && method !== 'token') {
      throw unauthorized(challenge, 'Attempted to authenticate with an unsupported method.');
    }
  }
  return {
    ...(methods.includes('password') && { password: passwordOf(identity.password) }),
    ...(methods.includes('token') && { token: { id: text(fields(identity.token, 'token'), 'id', 'token') } }),
    scope: scopeOf(auth.scope),
  };
}

function jsonOf(body: unknown): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString() : '');
  } catch {
    throw malformed('Expecting to find valid JSON in request body.');
  }
}

function passwordOf(value: unknown): { user: Named; password: string } {
  const user = fields(fields(value, 'password').user, 'user');
  return { user: named(user, 'user'), password: text(user, 'password', 'user') };
}

function scopeOf(value: unknown): RequestedScope {
  if (value === undefined || value === null || value === 'unscoped') return { kind: 'unscoped' };
  const scope = fields(value, 'scope');
  const targets = ['project', 'domain', 'system', 'unscoped', 'OS-TRUST:trust'].filter((each) =>
    Object.hasOwn(scope, each),
  );
  // Keystone's words, which do not name the system (keystone.api._shared.authentication).
  if (targets.length !== 1) throw malformed('Expecting to find project, domain, OS-TRUST:trust or unscoped in scope.');
  if (scope.unscoped !== undefined) return { kind: 'unscoped' };
  if (scope.project !== undefined) {
    return { kind: 'project', project: named(fields(scope.project, 'project'), 'project') };
  }
  if (scope.domain !== undefined) return { kind: 'domain', domain: domainName(scope.domain) };
  if (fields(scope.system, 'system').all === true) return { kind: 'system' };
  throw malformed('Expecting to find project, domain or system in scope.');
}

function named(value: Fields, where: string): Named {
  if (value.id !== undefined) return { id: text(value, 'id', where) };
  return { name: text(value, 'name', where), domain: domainName(value.domain) };
}

function domainName(value: unknown): DomainName {
  const domain = fields(value, 'domain');
  return domain.id !== undefined ? { id: text(domain, 'id', 'domain') } : { name: text(domain, 'name', 'domain') };
}

function fields(value: unknown, where: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw malformed(`Expecting to find ${where} as an object.`);
}

function text(value: Fields, name: string, where: string): string {
  const found = value[name];
  if (typeof found === 'string') return found;
  throw malformed(`Expecting to find ${name} in ${where}.`);
}
