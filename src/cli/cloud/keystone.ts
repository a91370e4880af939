import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import { registerSecret } from '../output/masked.js';
import type { CloudSettings } from './cloud-settings.js';
import type { Http } from './http.js';
import { refusal } from './refusal.js';
import { type Access, requireSetting, urlOf } from './access.js';

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

/** Gets a token of Keystone, and finds the compute service in the catalog unless its URL is configured. */
export async function signInToKeystone(settings: CloudSettings, http: Http): Promise<Access> {
  const keystone = versionThree(urlOf(settings, 'authUrl'));
  const answer = await http.send({
    method: 'POST',
    url: new URL(`${keystone}/auth/tokens`),
    body: { auth: { identity: identity(settings), ...scope(settings) } },
  });
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

/** The URL of version 3: the URL of Keystone may be configured without a version, or with an old one. */
function versionThree(url: URL): string {
  return `${url.href.replace(/\/+$/, '').replace(/\/v(2\.0|3)$/, '')}/v3`;
}

/** The `identity` object of Keystone's API. */
function identity(settings: CloudSettings): object {
  switch (settings.authType) {
    case 'token':
      return { methods: ['token'], token: { id: requireSetting(settings, 'token') } };
    case 'v3applicationcredential':
      return { methods: ['application_credential'], application_credential: applicationCredential(settings) };
    default:
      return {
        methods: ['password'],
        password: { user: { ...user(settings), password: requireSetting(settings, 'password') } },
      };
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
