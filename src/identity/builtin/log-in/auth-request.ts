import { unauthorized } from '../../../http/faults/keystone-fault.js';
import { type Fields, malformedRequest, readBody, readFields, readText } from '../body.js';

/** A user or project in a request: by its id, or by its name and domain. */
export type Named = { readonly id: string } | { readonly name: string; readonly domain: DomainName };
type DomainName = { readonly id: string } | { readonly name: string };

/** What a client sends for each method, to prove who it is. */
interface Payloads {
  readonly password: { readonly user: Named; readonly password: string };
  readonly totp: { readonly user: Named; readonly code: string };
  readonly token: { readonly id: string };
  readonly application_credential: { readonly credential: NamedCredential; readonly secret: string };
}

/** An application credential in a request: by its id, or by its name and user. */
export type NamedCredential = { readonly id: string } | { readonly name: string; readonly user: Named };

export type Method = keyof Payloads;
/** A method with what the client sent for it. */
export type Proof = { [Name in Method]: { readonly method: Name } & Payloads[Name] }[Method];

/** The body of a log-in, read. */
export interface AuthRequest {
  /** One or more, each method once, in the order of the request. */
  readonly proofs: readonly Proof[];
  readonly scope: RequestedScope;
}

export type RequestedScope =
  | { readonly kind: 'project'; readonly project: Named }
  | { readonly kind: 'domain'; readonly domain: DomainName }
  | { readonly kind: 'system' }
  | { readonly kind: 'unscoped' }
  /** None was requested: the default project of the user, or none. */
  | { readonly kind: 'default' }
  /** One that there is none of: no trust, and nothing of the system but all. */
  | { readonly kind: 'none' }
  /** That of the application credential. */
  | { readonly kind: 'credential' };

/** How the payload of each method is read. */
const READERS: { readonly [Name in Method]: (payload: Fields) => Payloads[Name] } = {
  password: (payload) => {
    const user = readFields(payload.user, 'user');
    // Keystone takes a missing password for a wrong one.
    return {
      user: readNamed(user, 'user'),
      password: user.password === undefined ? '' : readText(user, 'password', 'user'),
    };
  },
  totp: (payload) => {
    const user = readFields(payload.user, 'user');
    // Keystone takes what is no text for a wrong code.
    return { user: readNamed(user, 'user'), code: typeof user.passcode === 'string' ? user.passcode : '' };
  },
  token: (payload) => ({ id: readText(payload, 'id', 'token') }),
  application_credential: (payload) => ({
    credential: readNamedCredential(payload),
    secret: readSecret(payload.secret),
  }),
};

/** The names of the methods. */
export const METHODS = Object.keys(READERS) as Method[];

const isMethod = (value: unknown): value is Method => METHODS.some((name) => name === value);

/**
 * Reads the body of `POST /v3/auth/tokens`. Throws a KeystoneFault: 400 if it is malformed, 401 for unsupported ways to log in.
 * Messages quote no values: one of them is a password.
 */
export function readAuthRequest(body: unknown, challenge: string): AuthRequest {
  const auth = readFields(readBody(body).auth, 'auth');
  const identity = readFields(auth.identity, 'identity');
  const { methods } = identity;
  if (!Array.isArray(methods) || methods.length === 0) throw malformedRequest('Expecting to find methods in identity.');
  for (const method of methods as unknown[]) {
    if (typeof method !== 'string') throw malformedRequest('Expecting to find texts in methods.');
    if (isMethod(method) && !Object.hasOwn(identity, method)) {
      throw malformedRequest(`Expecting to find ${method} in identity.`);
    }
  }
  // An unknown name is not quoted: it may be a password in the wrong place.
  if (!methods.every(isMethod)) {
    throw unauthorized(challenge, 'Attempted to authenticate with an unsupported method.', {
      identity: { methods: METHODS },
    });
  }
  const named = [...new Set(methods)];
  const proofs = named.map((method) => readProof(method, identity[method]));
  return { proofs, scope: readScope(auth, named, challenge) };
}

function readProof(method: Method, payload: unknown): Proof {
  return { method, ...READERS[method](readFields(payload, method)) } as Proof;
}

function readScope(auth: Fields, methods: readonly Method[], challenge: string): RequestedScope {
  if (!methods.includes('application_credential')) return scopeOf(auth.scope);
  if (auth.scope === undefined) return { kind: 'credential' };
  if (auth.scope !== 'unscoped') readFields(auth.scope, 'scope');
  throw unauthorized(
    challenge,
    'Error authenticating with application credential: Application credentials cannot request a scope.',
    { identity: {} },
  );
}

/** What a scope may name, in Keystone's words. */
const TARGETS = ['system', 'project', 'domain', 'OS-TRUST:trust', 'unscoped'];

function scopeOf(value: unknown): RequestedScope {
  if (value === undefined) return { kind: 'default' };
  if (value === 'unscoped') return { kind: 'unscoped' };
  const scope = readFields(value, 'scope');
  const targets = TARGETS.filter((each) => Object.hasOwn(scope, each));
  if (targets.length !== 1) {
    throw malformedRequest('Expecting to find system, project, domain, OS-TRUST:trust or unscoped in scope.');
  }
  switch (targets[0]) {
    case 'project':
      return { kind: 'project', project: readNamed(readFields(scope.project, 'project'), 'project') };
    case 'domain':
      return { kind: 'domain', domain: readDomainName(scope.domain) };
    case 'system':
      return readSystem(readFields(scope.system, 'system').all);
    case 'OS-TRUST:trust':
      if (readFields(scope['OS-TRUST:trust'], 'OS-TRUST:trust').id) return { kind: 'none' };
      throw malformedRequest('Expecting to find trust_id in trust.');
    default:
      return { kind: 'unscoped' };
  }
}

function readSystem(all: unknown): RequestedScope {
  if (all === undefined || typeof all === 'boolean') return { kind: all ? 'system' : 'none' };
  throw malformedRequest('Expecting to find all as true in system.');
}

function readNamedCredential(payload: Fields): NamedCredential {
  if (payload.id) return { id: readText(payload, 'id', 'application credential') };
  if (!payload.name) throw malformedRequest('Expecting to find name or ID in application credential.');
  const name = readText(payload, 'name', 'application credential');
  const { user = {} } = payload;
  if (Object.keys(readFields(user, 'user')).length === 0) {
    throw malformedRequest('Expecting to find user in application credential.');
  }
  return { name, user: readNamed(readFields(user, 'user'), 'user') };
}

/** Keystone takes a missing secret for a wrong one, and calls others passwords. */
function readSecret(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  throw malformedRequest('Expecting to find string in password.');
}

function readNamed(value: Fields, where: string): Named {
  if (value.id !== undefined) return { id: readText(value, 'id', where) };
  if (value.name === undefined) throw malformedRequest(`Expecting to find id or name in ${where}.`);
  const name = readText(value, 'name', where);
  if (value.domain === undefined) throw malformedRequest(`Expecting to find domain in ${where}.`);
  return { name, domain: readDomainName(value.domain) };
}

function readDomainName(value: unknown): DomainName {
  const domain = readFields(value, 'domain');
  return domain.id !== undefined
    ? { id: readText(domain, 'id', 'domain') }
    : { name: readText(domain, 'name', 'domain') };
}
