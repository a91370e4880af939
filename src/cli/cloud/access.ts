import { UsageError } from '../cli-error.js';
import { registerSecret } from '../output/masked.js';
import { askSecret } from '../prompt.js';
import { type CloudSettingName, type CloudSettings, optionOf } from './cloud-settings.js';

/** An authenticated access to a cloud. */
export interface Access {
  /** The headers of every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** The URL of the compute service. */
  readonly compute: URL;
  /** The URL of Keystone, as `https://cloud:5000/v3`; undefined if there is none. */
  readonly keystone?: string;
  /** The id of the user, if the cloud returns it. */
  readonly userId?: string;
  /** The id of the project, if it is known. */
  readonly projectId?: string;
}

const OTHER_NAMES: Readonly<Record<string, string>> = {
  v3password: 'password',
  v3token: 'token',
  noauth: 'none',
  token_endpoint: 'admin_token',
};

/** The configured type of authentication, or the one that the other settings imply. */
export function authTypeOf(settings: CloudSettings): string {
  const { authType } = settings;
  if (authType !== undefined) return OTHER_NAMES[authType] ?? authType;
  if (settings.authUrl === undefined) {
    if (settings.token !== undefined) return 'admin_token';
    return settings.username === undefined ? 'none' : 'http_basic';
  }
  if (settings.applicationCredentialSecret !== undefined) return 'v3applicationcredential';
  return settings.token !== undefined && settings.password === undefined ? 'token' : 'password';
}

/** A setting that the type of authentication requires. */
export function requireSetting(settings: CloudSettings, name: CloudSettingName): string {
  const value = settings[name];
  if (value !== undefined) return value;
  const option = optionOf(name);
  const variable = option.slice(2).replaceAll('-', '_').toUpperCase();
  throw new UsageError(`${option} is missing: the auth type ${authTypeOf(settings)} needs it (or ${variable}).`);
}

/** A setting as a URL without a slash at the end of its path. */
export function urlOf(settings: CloudSettings, name: CloudSettingName): URL {
  const text = requireSetting(settings, name);
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) {
    throw new UsageError(`${optionOf(name)} must be a URL that begins with http:// or https://.`);
  }
  const url = new URL(text.replace(/\/+$/, ''));
  if (url.username === '' && url.password === '') return url;
  // Messages show URLs.
  throw new UsageError(`${optionOf(name)} must not hold a user or a password; they have settings of their own.`);
}

const QUESTIONS = { password: 'Password: ', passcode: 'One-time code: ' } as const;

/** Prompts for a secret if it is not configured and stdin is a terminal. Throws Interrupted on Ctrl-C. */
export async function promptFor(settings: CloudSettings, name: keyof typeof QUESTIONS): Promise<CloudSettings> {
  if (settings[name] !== undefined || !process.stdin.isTTY) return settings;
  const answer = await askSecret(QUESTIONS[name]);
  registerSecret(answer);
  return { ...settings, [name]: answer };
}
