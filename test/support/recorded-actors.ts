import type { Client } from './client.js';
import { logIn } from './log-in.js';

/** The password of each user in the recordings; `scratch` is a new user wherever a scenario needs one. */
export const RECORDED_USERS = ['admin', 'demo', 'demo2', 'reader', 'scratch'] as const;
export const RECORDED_PROJECTS = ['admin', 'demo', 'other'] as const;

/** The actors of the recordings with real tokens: `client` is for the service, and `identity` for where tokens are issued. */
export async function recordedActors(
  client: Client,
  identity: Client,
  path: string,
  password: string,
): Promise<Record<string, Client>> {
  const token = (name: string, scope?: Parameters<typeof logIn>[3]): Promise<string> =>
    logIn(identity, path, { name, password }, scope);
  const withToken = (value: string): Client => client.with({ 'X-Auth-Token': value });

  const revoked = await token('demo', { project: 'demo' });
  const own = { 'X-Auth-Token': revoked, 'X-Subject-Token': revoked };
  const gone = await identity.with(own).delete(`${path}/auth/tokens`);
  if (gone.status !== 204) throw new Error(`a token cannot be revoked: ${gone.status} ${gone.text}`);

  return {
    admin: withToken(await token('admin', { project: 'admin' })),
    demo: withToken(await token('demo', { project: 'demo' })),
    demo2: withToken(await token('demo2', { project: 'demo' })),
    reader: withToken(await token('reader', { project: 'demo' })),
    'demo-other': withToken(await token('demo', { project: 'other' })),
    scratch: withToken(await token('scratch', { project: 'demo' })),
    anonymous: client,
    'empty-token': withToken(''),
    'bad-token': withToken('gAAAAABkZm9vYmFyYmF6'),
    'revoked-token': withToken(revoked),
    unscoped: withToken(await token('demo')),
    'admin-unscoped': withToken(await token('admin')),
    'admin-system': withToken(await token('admin', 'system')),
  };
}
