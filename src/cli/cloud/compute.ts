import {
  compareMicroversions,
  FIRST_MICROVERSION,
  type Microversion,
  readMicroversion,
  showMicroversion,
} from '../../domain/microversion.js';
import { CliError, EXIT, UsageError } from '../cli-error.js';
import type { CloudSettings } from './cloud-settings.js';
import type { Http } from './http.js';
import type { HttpAnswer, HttpRequest } from '../../http/client/http-client.js';
import { refusal } from './refusal.js';
import type { Access } from './access.js';

/** The newest microversion that changed anything about keypairs. */
const NEWEST_KNOWN: Microversion = { major: 2, minor: 92 };

/** A path whose last segment URLs would resolve as a parent directory (WHATWG URL, 4.4: double-dot path segments). */
const DOTS = /\/%2E(%2E)?$/;

interface VersionDocument {
  readonly id?: string;
  readonly status?: string;
  readonly version?: string;
  readonly min_version?: string;
}

/** A request to the compute service, with a path below its endpoint: `/os-keypairs/laptop`. */
export interface ComputeRequest {
  readonly method: HttpRequest['method'];
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** The action for messages: "Creating laptop". */
  readonly what: string;
}

/** The compute service of a cloud, Nova or this one, at the microversion that both sides know. */
export class Compute {
  private constructor(
    private readonly http: Http,
    readonly access: Access,
    /** Without a slash at its end. */
    readonly endpoint: string,
    /** Undefined if the service has no microversions. */
    readonly version: Microversion | undefined,
  ) {}

  /** Discovers the versions of the service. Throws CliError if it does not have the requested microversion. */
  static async open(access: Access, settings: CloudSettings, http: Http): Promise<Compute> {
    const { endpoint, document } = await discover(access, http);
    return new Compute(http, access, endpoint, negotiate(document, settings.computeApiVersion));
  }

  /** Whether the service speaks a microversion. */
  speaks(text: string): boolean {
    return this.version !== undefined && compareMicroversions(this.version, readMicroversion(text)) >= 0;
  }

  /** Throws CliError if the service is older than a microversion; `what` begins the message. */
  require(text: string, what: string): void {
    if (this.speaks(text)) return;
    const used = this.version === undefined ? 'none' : showMicroversion(this.version);
    throw new UsageError(`${what} needs the microversion ${text}, and ${used} is in use.`);
  }

  /** The JSON of a successful answer. Throws Refused, Unreachable or Unanswered. */
  async request({ method, path, query = {}, body, what }: ComputeRequest): Promise<unknown> {
    const url = new URL(`${this.endpoint}${path}`);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    const headers = { ...this.access.headers, ...this.versionHeaders() };
    const raw = DOTS.test(path) && { rawPath: `${new URL(this.endpoint).pathname}${path}` };
    const answer = await this.http.send({ method, url, ...raw, headers, body });
    if (answer.status < 200 || answer.status > 299) throw refusal(answer, what);
    return answer.json;
  }

  private versionHeaders(): Record<string, string> {
    if (this.version === undefined) return {};
    const shown = showMicroversion(this.version);
    return { 'OpenStack-API-Version': `compute ${shown}`, 'X-OpenStack-Nova-API-Version': shown };
  }
}

/** The endpoint may end with a version, with a version and a project, or with neither; the document is at the version. */
async function discover(access: Access, http: Http): Promise<{ endpoint: string; document: VersionDocument }> {
  const endpoint = access.compute.href.replace(/\/+$/, '');
  const root = endpoint.replace(/(\/v2(?:\.\d+)?)\/[^/]+$/, '$1');
  // Nova redirects from the URL without a slash, which proxies in front of it may break.
  const answer = await http.send({ method: 'GET', url: new URL(`${root}/`), headers: access.headers });
  const { version, versions } = (answer.json ?? {}) as { version?: VersionDocument; versions?: VersionDocument[] };
  if (version !== undefined) return { endpoint, document: version };
  if (!Array.isArray(versions)) throw noVersions(answer, root);
  const current = versions.find(({ id }) => id === 'v2.1');
  if (current === undefined) throw noVersions(answer, root);
  return { endpoint: `${endpoint}/v2.1`, document: current };
}

function noVersions(answer: HttpAnswer, root: string): CliError {
  if (answer.status === 401 || answer.status === 403) return refusal(answer, `Asking ${root} for its versions`);
  return new CliError(
    `${root} does not look like a compute service: it lists no versions. Use a URL such as one that ends in /v2.1.`,
    EXIT.unreachable,
  );
}

function negotiate(document: VersionDocument, text: string | undefined): Microversion | undefined {
  const newest = document.version ? readMicroversion(document.version) : undefined;
  // In clouds.yaml and older tools 2 stands for the API as a whole.
  const requested = text === undefined || text === '2' ? undefined : text;
  if (newest === undefined) {
    if (requested === undefined) return undefined;
    throw new UsageError(`The service has no microversions; do not request ${requested}.`);
  }
  if (requested === 'latest' || requested === '2.latest') return newest;
  if (requested === undefined) return compareMicroversions(newest, NEWEST_KNOWN) > 0 ? NEWEST_KNOWN : newest;
  return checkOffered(
    requested,
    document.min_version ? readMicroversion(document.min_version) : FIRST_MICROVERSION,
    newest,
  );
}

function checkOffered(requested: string, oldest: Microversion, newest: Microversion): Microversion {
  const version = parseVersion(requested);
  if (compareMicroversions(version, oldest) >= 0 && compareMicroversions(version, newest) <= 0) return version;
  const range = `${showMicroversion(oldest)} to ${showMicroversion(newest)}`;
  throw new UsageError(`The service offers the microversions ${range}, not ${requested}.`);
}

function parseVersion(text: string): Microversion {
  try {
    return readMicroversion(text);
  } catch (cause) {
    throw new UsageError('--os-compute-api-version must be a microversion such as 2.92, or latest.', {
      cause,
    });
  }
}
