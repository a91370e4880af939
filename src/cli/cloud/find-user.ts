import { CliError, EXIT, UsageError } from '../cli-error.js';
import type { Access } from './access.js';
import type { Http } from './http.js';
import { refusal } from './refusal.js';

interface User {
  readonly id: string;
}

/** Ids that Keystone makes: UUIDs, and SHA-256 for users of LDAP and of federations. */
const ID_FORM = /^(?:[\da-f]{32}|[\da-f]{64}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i;

/**
 * The id of a user named by id or by name. The text is taken as an id where there is no Keystone, where Keystone has no users
 * API, and where it has the form of an id and the caller may not list users. Throws CliError for a user who does not exist.
 */
export async function findUser(text: string, { keystone, headers, userId }: Access, http: Http): Promise<string> {
  if (keystone === undefined || text === userId) return text;
  const get = (path: string) => http.send({ method: 'GET', url: new URL(`${keystone}/users${path}`), headers });
  // URLs resolve these names, which are no ids, as directories.
  if (!/^\.{0,2}$/.test(text) && (await get(`/${encodeURIComponent(text)}`)).status === 200) return text;
  const byName = await get(`?name=${encodeURIComponent(text)}`);
  if ([404, 405, 501].includes(byName.status)) return text;
  if (byName.status === 403) {
    if (ID_FORM.test(text)) return text;
    throw new CliError(
      `Cannot look up the user ${text}: Keystone does not let you list users. Give the id of the user with --user.`,
      EXIT.denied,
    );
  }
  if (byName.status !== 200) throw refusal(byName, `Looking up the user ${text}`);
  const { users = [] } = (byName.json ?? {}) as { users?: User[] };
  const [found, ...others] = users;
  if (found === undefined) {
    throw new CliError(`There is no user ${text}; give the name or the id of a user with --user.`, EXIT.notFound);
  }
  if (others.length === 0) return found.id;
  throw new UsageError(`${users.length} users are called ${text}; give the id of one with --user.`);
}

/**
 * Those of the ids that no user has any more. Throws UsageError where this cannot be decided, since their keypairs may be deleted next:
 * without a Keystone, and where Keystone does not even show the caller.
 */
export async function goneUsers(
  ids: readonly string[],
  { keystone, headers, userId }: Access,
  http: Http,
): Promise<string[]> {
  if (keystone === undefined) throw new UsageError('Without Keystone there is no list of users; name one with --user.');
  const statusOf = async (id: string): Promise<number> => {
    const answer = await http.send({
      method: 'GET',
      url: new URL(`${keystone}/users/${encodeURIComponent(id)}`),
      headers,
    });
    if (answer.status !== 200 && answer.status !== 404) throw refusal(answer, `Looking up the user ${id}`);
    return answer.status;
  };
  if (userId === undefined || (await statusOf(userId)) !== 200)
    throw new UsageError(`${keystone} does not show users; name one with --user.`);
  const gone: string[] = [];
  // URLs resolve `.` and `..` as directories; no Keystone makes such ids.
  const others = ids.filter((id) => id !== userId && !/^\.{0,2}$/.test(id));
  for (const id of others) if ((await statusOf(id)) === 404) gone.push(id);
  return gone;
}
