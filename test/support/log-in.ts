import type { Client, Reply } from './client.js';

/** A user as it logs in. */
export interface Login {
  readonly name: string;
  readonly password: string;
}

/** The requested scope of a token: a project by its name, the system, or none. */
export type RequestedScope = { readonly project: string } | 'system' | undefined;

const DOMAIN = { id: 'default' };

/** The body of a log-in with a password. */
export function passwordBody({ name, password }: Login, scope: RequestedScope): object {
  const identity = { methods: ['password'], password: { user: { name, domain: DOMAIN, password } } };
  return { auth: { identity, ...scopeOf(scope) } };
}

/** The body of a log-in with a token. */
export function tokenBody(id: string, scope: RequestedScope): object {
  return { auth: { identity: { methods: ['token'], token: { id } }, ...scopeOf(scope) } };
}

/** Logs in. `identity` is the Identity API's path, as in `/identity/v3`. */
export async function logIn(client: Client, identity: string, login: Login, scope?: RequestedScope): Promise<string> {
  return tokenOf(await client.post(`${identity}/auth/tokens`, passwordBody(login, scope)));
}

/** The issued token; throws if there is none. */
export function tokenOf(reply: Reply): string {
  if (reply.status !== 201) throw new Error(`the log-in is answered ${reply.status}: ${reply.text}`);
  return reply.headers['x-subject-token'];
}

function scopeOf(scope: RequestedScope): object {
  if (scope === undefined) return {};
  if (scope === 'system') return { scope: { system: { all: true } } };
  return { scope: { project: { name: scope.project, domain: DOMAIN } } };
}
