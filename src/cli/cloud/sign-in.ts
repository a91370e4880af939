import { UsageError } from '../cli-error.js';
import { registerSecret } from '../output/masked.js';
import { type Access, authTypeOf, requireSetting, urlOf } from './access.js';
import type { CloudSettings } from './cloud-settings.js';
import type { Http } from './http.js';
import { signInToKeystone } from './keystone.js';

type Way = (settings: CloudSettings, http: Http) => Promise<Access> | Access;

/** The types of authentication, by keystoneauth's names. */
const WAYS: Readonly<Record<string, Way>> = {
  password: signInToKeystone,
  token: signInToKeystone,
  v3totp: signInToKeystone,
  v3multifactor: signInToKeystone,
  v3applicationcredential: signInToKeystone,
  // As keystoneauth does; with AUTH_MODE=none it counts as no token.
  none: (settings) => ({ compute: endpoint(settings), headers: { 'X-Auth-Token': 'notused' } }),
  admin_token: (settings) => ({
    compute: endpoint(settings),
    headers: { 'X-Auth-Token': requireSetting(settings, 'token') },
  }),
  http_basic: (settings) => ({ compute: endpoint(settings), headers: { Authorization: basic(settings) } }),
};

/** Signs in. Throws CliError with the missing setting or the message of the server. */
export async function signIn(settings: CloudSettings, http: Http): Promise<Access> {
  const type = authTypeOf(settings);
  const way = WAYS[type];
  if (way === undefined) {
    throw new UsageError(`The auth type "${type}" is not known; use one of ${Object.keys(WAYS).join(', ')}.`);
  }
  const access = await way({ ...settings, authType: type }, http);
  const { projectId } = settings;
  return projectId === undefined ? access : { projectId, ...access };
}

function endpoint(settings: CloudSettings): URL {
  return urlOf(settings, 'endpoint');
}

function basic(settings: CloudSettings): string {
  const pair = Buffer.from(`${requireSetting(settings, 'username')}:${requireSetting(settings, 'password')}`).toString(
    'base64',
  );
  // The padding is written in other ways in URLs.
  registerSecret(pair.replace(/=+$/, ''));
  return `Basic ${pair}`;
}
