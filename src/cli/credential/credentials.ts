import type { HttpAnswer, HttpRequest } from '../../http/client/http-client.js';
import { CliError, EXIT, UsageError } from '../cli-error.js';
import { withKeystone } from '../cloud/open-compute.js';
import { refusal } from '../cloud/refusal.js';
import type { GlobalOptions, OptionsOf } from '../global-options.js';
import { readExpiry } from '../keypair/life/life-options.js';
import { print, printMessage } from '../output/print.js';
import { showList, showRecord } from '../output/show.js';

/** The options of `latchkey credential create`. */
type CreateOptions = OptionsOf<{
  readonly role?: readonly string[];
  readonly expires?: string;
  readonly unrestricted?: boolean;
  readonly cloudsYaml?: boolean;
}>;

/** An application credential in answers of Keystone. */
interface Credential {
  readonly id: string;
  readonly name: string;
  readonly project_id: string;
  readonly expires_at: string | null;
  readonly unrestricted: boolean | null;
  readonly roles: readonly { readonly name: string }[];
}

/** Sends a request about the credentials of the caller and returns the successful response. Throws CliError. */
type Send = (request: {
  readonly method: HttpRequest['method'];
  readonly path?: string;
  readonly body?: unknown;
  readonly what: string;
}) => Promise<HttpAnswer>;

export async function createCredential(name: string, options: CreateOptions): Promise<void> {
  const { role: roles, expires, unrestricted = false, cloudsYaml } = options;
  const credential = {
    name,
    roles: roles?.map((each) => ({ name: each })),
    expires_at: expires === undefined ? undefined : readExpiry(expires),
    unrestricted,
  };
  await withCredentials(options, async (send, keystone, region) => {
    const body = { application_credential: credential };
    const { json } = await send({ method: 'POST', body, what: `Creating the credential ${name}` });
    const { application_credential: made } = json as { application_credential: Credential & { secret: string } };
    if (cloudsYaml) await printClouds(made, keystone, region);
    else await showRecord({ ...rowOf(made), Secret: made.secret }, options);
    if (!options.quiet) printMessage('The secret is not stored: keep it now, where only the program reads it.');
  });
}

export async function listCredentials(options: GlobalOptions): Promise<void> {
  await withCredentials(options, async (send) => {
    const rows = (await listed(send)).map(rowOf);
    await showList(['Name', 'ID', 'Project ID', 'Roles', 'Expires', 'Unrestricted'], rows, options);
  });
}

/** Deletes credentials by name or id. A word that names none stops before anything is deleted. */
export async function deleteCredentials(words: readonly string[], options: GlobalOptions): Promise<void> {
  await withCredentials(options, async (send) => {
    const all = await listed(send);
    const found = words.map((word) => {
      const credential = all.find(({ id }) => id === word) ?? all.find(({ name }) => name === word);
      if (credential !== undefined) return credential;
      throw new CliError(`There is no credential ${word}; nothing was deleted.`, EXIT.notFound);
    });
    for (const { id, name } of new Set(found)) {
      await send({ method: 'DELETE', path: `/${id}`, what: `Deleting the credential ${name}` });
      if (!options.quiet) printMessage(`Deleted ${name}.`);
    }
  });
}

function withCredentials(
  options: GlobalOptions,
  use: (send: Send, keystone: string, region: string | undefined) => Promise<void>,
): Promise<void> {
  return withKeystone(options, async ({ keystone, userId, headers }, http, { regionName }) => {
    if (keystone === undefined || userId === undefined) {
      throw new UsageError('Application credentials need a Keystone or a built-in identity: set --os-auth-url.');
    }
    const root = `${keystone}/users/${userId}/application_credentials`;
    const send: Send = async ({ method, path = '', body, what }) => {
      const answer = await http.send({ method, url: new URL(root + path), headers, body });
      if (answer.status < 200 || answer.status > 299) throw refusal(answer, what);
      return answer;
    };
    return use(send, keystone, regionName);
  });
}

async function listed(send: Send): Promise<readonly Credential[]> {
  const { json } = await send({ method: 'GET', what: 'Listing credentials' });
  return (json as { application_credentials: Credential[] }).application_credentials;
}

function rowOf({ name, id, project_id: project, roles, expires_at: expires, unrestricted }: Credential) {
  return {
    Name: name,
    ID: id,
    'Project ID': project,
    Roles: roles.map((role) => role.name).join(', '),
    Expires: expires,
    Unrestricted: unrestricted ? 'yes' : 'no',
  };
}

async function printClouds(
  { id, name, secret }: Credential & { secret: string },
  keystone: string,
  region: string | undefined,
): Promise<void> {
  const { stringify } = await import('yaml');
  const auth = { auth_url: keystone, application_credential_id: id, application_credential_secret: secret };
  const cloud = { auth_type: 'v3applicationcredential', auth, ...(region !== undefined && { region_name: region }) };
  await print(stringify({ clouds: { [name]: { ...cloud, identity_api_version: 3 } } }));
}
