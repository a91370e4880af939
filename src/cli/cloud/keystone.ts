import { CliError, EXIT } from '../cli-error.js';
import { registerSecret } from '../output/masked.js';
import type { HttpAnswer } from '../../http/client/http-client.js';
import { type CloudSettings, optionOf } from './cloud-settings.js';
import type { Http } from './http.js';
import { refusal } from './refusal.js';
import { type Access, promptFor, requireSetting, urlOf } from './access.js';

interface Endpoint {
  readonly interface: string;
  readonly region?: string | null;
  readonly region_id?: string | null;
  readonly url: string;
}

interface Service {
  readonly type: string;
  readonly endpoints: readonly Endpoint[];
}

interface Signed {
  readonly token?: {
    readonly catalog?: readonly Service[];
    readonly user?: { readonly id: string };
    readonly project?: { readonly id: string };
  };
}

/** The body of a 401 where some methods of a user were right. */
interface Receipt {
  readonly receipt?: { readonly methods?: unknown };
  readonly required_auth_methods?: unknown;
}

/** A method of Keystone's log-in. */
type Method = 'password' | 'totp' | 'token' | 'application_credential';

/** What is sent of each method. */
const METHODS: Readonly<Record<Method, (settings: CloudSettings) => object>> = {
  password: (settings) => ({ user: { ...user(settings), password: requireSetting(settings, 'password') } }),
  totp: (settings) => ({ user: { ...user(settings), passcode: requireSetting(settings, 'passcode') } }),
  token: (settings) => ({ id: requireSetting(settings, 'token') }),
  application_credential: applicationCredential,
};

/** The settings of the methods that a receipt may require. */
const SECRETS = { password: 'password', totp: 'passcode' } as const;

/** Gets a token of Keystone, and finds the compute service in the catalog unless its URL is configured. */
export async function signInToKeystone(settings: CloudSettings, http: Http): Promise<Access> {
  const keystone = versionThree(urlOf(settings, 'authUrl'));
  const first = await logIn(keystone, settings, http, methodsOf(settings));
  const answer = await continueLogIn(keystone, settings, http, first);
  const token = answer.headers['x-subject-token'];
  if (answer.status !== 201 || typeof token !== 'string') throw refusal(answer, `Signing in at ${keystone}`);
  registerSecret(token);
  const { catalog = [], user: signedIn, project } = (answer.json as Signed | undefined)?.token ?? {};
  const compute = settings.endpoint === undefined ? fromCatalog(catalog, settings) : urlOf(settings, 'endpoint');
  return {
    compute,
    keystone,
    headers: { 'X-Auth-Token': token },
    ...(signedIn && { userId: signedIn.id }),
    ...(project && { projectId: project.id }),
  };
}

function logIn(
  keystone: string,
  settings: CloudSettings,
  http: Http,
  methods: readonly Method[],
  headers?: Readonly<Record<string, string>>,
): Promise<HttpAnswer> {
  const sent = Object.fromEntries(methods.map((method) => [method, METHODS[method](settings)]));
  return http.send({
    method: 'POST',
    url: new URL(`${keystone}/auth/tokens`),
    headers,
    body: { auth: { identity: { methods, ...sent }, ...scope(settings) } },
  });
}

/** Sends the missing method if the first ones were right but the user needs more: the response is a receipt then. */
async function continueLogIn(
  keystone: string,
  settings: CloudSettings,
  http: Http,
  answer: HttpAnswer,
): Promise<HttpAnswer> {
  const receipt = answer.headers['openstack-auth-receipt'];
  const missing = missingMethods(answer);
  if (typeof receipt !== 'string' || missing.length === 0) return answer;
  registerSecret(receipt);
  let found = settings;
  for (const method of missing) {
    found = await promptFor(found, SECRETS[method]);
    if (found[SECRETS[method]] !== undefined) continue;
    const needed = `${optionOf(SECRETS[method])}, or sign in on a terminal`;
    throw new CliError(`Signing in at ${keystone}: the user needs ${method} too; give ${needed}.`, EXIT.denied);
  }
  return logIn(keystone, found, http, missing, { 'Openstack-Auth-Receipt': receipt });
}

/** The methods that the first satisfiable rule still requires; empty without such a rule. */
function missingMethods({ json }: HttpAnswer): (keyof typeof SECRETS)[] {
  const { receipt, required_auth_methods: rules } = (json ?? {}) as Receipt;
  const passed = receipt?.methods;
  if (!Array.isArray(passed) || !Array.isArray(rules)) return [];
  const canMeet = (rule: unknown): rule is (keyof typeof SECRETS)[] =>
    Array.isArray(rule) &&
    rule.every((method) => method === 'password' || method === 'totp') &&
    passed.every((method) => rule.includes(method));
  return rules.find(canMeet)?.filter((method) => !passed.includes(method)) ?? [];
}

/** The URL of version 3: the URL of Keystone may be configured without a version, or with an old one. */
function versionThree(url: URL): string {
  return `${url.href.replace(/\/+$/, '').replace(/\/v(2\.0|3)$/, '')}/v3`;
}

/** The methods that are sent at first, by type of authentication. */
function methodsOf({ authType, passcode }: CloudSettings): readonly Method[] {
  switch (authType) {
    case 'token':
      return ['token'];
    case 'v3applicationcredential':
      return ['application_credential'];
    case 'v3totp':
      return ['totp'];
    case 'v3multifactor':
      return ['password', 'totp'];
    default:
      return passcode === undefined ? ['password'] : ['password', 'totp'];
  }
}

function applicationCredential(settings: CloudSettings): object {
  const secret = requireSetting(settings, 'applicationCredentialSecret');
  const { applicationCredentialId: id, applicationCredentialName: name } = settings;
  if (id !== undefined || name === undefined)
    return { id: requireSetting(settings, 'applicationCredentialId'), secret };
  return { name, secret, user: user(settings) };
}

function user(settings: CloudSettings): object {
  if (settings.userId !== undefined) return { id: settings.userId };
  const { userDomainId, userDomainName, defaultDomain } = settings;
  return { name: requireSetting(settings, 'username'), domain: domain(userDomainId, userDomainName, defaultDomain) };
}

/** An application credential has its project, and Keystone refuses a scope with it. */
function scope(settings: CloudSettings): object {
  if (settings.authType === 'v3applicationcredential') return {};
  if (settings.systemScope !== undefined) return { scope: { system: { all: true } } };
  if (settings.projectId !== undefined) return { scope: { project: { id: settings.projectId } } };
  if (settings.projectName === undefined) return {};
  const { projectDomainId, projectDomainName, defaultDomain } = settings;
  const inDomain = domain(projectDomainId, projectDomainName, defaultDomain);
  return { scope: { project: { name: settings.projectName, domain: inDomain } } };
}

function domain(id: string | undefined, name: string | undefined, fallback = 'default'): object {
  if (id !== undefined) return { id };
  return name === undefined ? { id: fallback } : { name };
}

function fromCatalog(catalog: readonly Service[], settings: CloudSettings): URL {
  const { regionName: region } = settings;
  // novaclient's word for an interface is publicURL.
  const face = (settings.interface ?? 'public').replace(/URL$/, '');
  const endpoints = catalog.filter(({ type }) => type === 'compute').flatMap((service) => service.endpoints);
  const found = endpoints.find(
    (each) => each.interface === face && (region === undefined || each.region === region || each.region_id === region),
  );
  if (found !== undefined && URL.canParse(found.url)) return new URL(found.url.replace(/\/+$/, ''));
  throw new CliError(notInCatalog(endpoints, face, region), EXIT.unreachable);
}

function notInCatalog(endpoints: readonly Endpoint[], face: string, region: string | undefined): string {
  if (endpoints.length === 0) {
    return 'The catalog has no compute service: name a project with --os-project-name, or the service with --os-endpoint.';
  }
  const offered = endpoints.map((each) => `${each.interface} in ${each.region ?? each.region_id ?? 'no region'}`);
  const place = region === undefined ? '' : ` in the region ${region}`;
  return `The catalog has no ${face} compute endpoint${place}; it has ${[...new Set(offered)].join(', ')}.`;
}
