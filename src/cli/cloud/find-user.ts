import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import type { Http } from './http.js';
import type { Access } from './access.js';

interface User {
  readonly id: string;
}

/**
 * The id of a user who is told by id or by name. Where Keystone is not there, knows no such user or does not tell, the text is
 * taken for an id, and the compute service has the last word.
 */
export async function findUser(text: string, { keystone, headers }: Access, http: Http): Promise<string> {
  if (keystone === undefined) return text;
  const byId = await http.send({
    method: 'GET',
    url: new URL(`${keystone}/users/${encodeURIComponent(text)}`),
    headers,
  });
  if (byId.status === 200) return text;
  const byName = await http.send({
    method: 'GET',
    url: new URL(`${keystone}/users?name=${encodeURIComponent(text)}`),
    headers,
  });
  const users = byName.status === 200 ? ((byName.json as { users?: User[] } | undefined)?.users ?? []) : [];
  if (users.length > 1) {
    throw new CliError(`${users.length} users are called ${text}; give the id of one with --user.`, EXIT.usage);
  }
  return users[0]?.id ?? text;
}
