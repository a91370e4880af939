import type { HttpAnswer, HttpRequest } from '../../http/client/http-client.js';
import { CliError } from '../cli-error.js';
import type { Compute } from './compute.js';
import type { Http } from './http.js';
import { refusal } from './refusal.js';

/** Parameters of a request, of which some may be repeated. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A page of a list, and whether others follow, of which one may hold few items or none. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly more: boolean;
}

/** A request to an API of Latchkey's own, with a path below it. */
export interface LatchkeyRequest {
  readonly method: HttpRequest['method'];
  readonly path?: string;
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The action for messages: "Creating the guest". */
  readonly what: string;
}

/** The service is a compute service without the APIs of Latchkey. */
export class NeedsLatchkey extends CliError {
  constructor(what: string, { origin }: URL) {
    super(`${what} needs Latchkey, and ${origin} is another compute service.`);
    this.name = 'NeedsLatchkey';
  }
}

/** What a Nova answers to paths that it does not have: its versions, or an error. */
const NOT_THERE: readonly number[] = [300, 404, 405, 501];

/** A path whose last segment URLs would resolve as a parent directory (WHATWG URL, 4.4: double-dot path segments). */
const DOTS = /\/%2E(%2E)?$/;

/** One of Latchkey's own APIs, which stand under /v1 beside its compute service. */
export class LatchkeyApi {
  private readonly url: string;
  private readonly probe: string;

  /** `collection` lists what the API has: `keypairs` is at /v1/keypairs. A Latchkey has `probe`, also where it has no such API. */
  constructor(
    private readonly compute: Compute,
    private readonly http: Http,
    collection: string,
    probe = collection,
  ) {
    const base = `${compute.endpoint.replace(/\/v2(\.\d+)?(\/[^/]+)?$/, '')}/v1`;
    this.url = `${base}/${collection}`;
    this.probe = `${base}/${probe}?limit=1`;
  }

  /** The successful answer. Throws Refused, {@link NeedsLatchkey}, Unreachable or Unanswered. */
  async send({ method, path = '', query = {}, headers, body, what }: LatchkeyRequest): Promise<HttpAnswer> {
    const url = new URL(`${this.url}${path}`);
    for (const [name, value] of Object.entries(query))
      for (const each of value === undefined ? [] : [value].flat()) url.searchParams.append(name, each);
    const answer = await this.http.send({
      method,
      url,
      ...(DOTS.test(path) && { rawPath: `${new URL(this.url).pathname}${path}` }),
      headers: { ...this.compute.access.headers, ...headers },
      body,
    });
    if (answer.status >= 200 && answer.status <= 299) return answer;
    if (NOT_THERE.includes(answer.status) && !(await this.isThere())) throw new NeedsLatchkey(what, url);
    throw refusal(answer, what);
  }

  /** The pages of a list, which has its items under a key of the answers. */
  async *pages<T>(key: string, request: Omit<LatchkeyRequest, 'method'>): AsyncGenerator<Page<T>, void> {
    let query: Query | undefined = request.query ?? {};
    while (query) {
      const { json }: HttpAnswer = await this.send({ ...request, method: 'GET', query });
      const answer = json as Readonly<Record<string, readonly unknown[] | undefined>>;
      const [link] = (answer[`${key}_links`] ?? []) as readonly { readonly href: string }[];
      yield { items: answer[key] as readonly T[], more: link !== undefined };
      query = link && { ...query, ...parametersOf(new URL(link.href)) };
    }
  }

  /** The items of all pages, or of the first one, and whether the service has more. */
  async list<T>(key: string, request: Omit<LatchkeyRequest, 'method'>, allPages = true): Promise<Page<T>> {
    const found: T[] = [];
    for await (const { items, more } of this.pages<T>(key, request)) {
      found.push(...items);
      if (!allPages) return { items: found, more };
    }
    return { items: found, more: false };
  }

  private async isThere(): Promise<boolean> {
    const url = new URL(this.probe);
    const { status } = await this.http.send({ method: 'GET', url, headers: this.compute.access.headers });
    return !NOT_THERE.includes(status);
  }
}

/** A name as a segment of a path. */
export function pathSegment(name: string): string {
  return /^\.\.?$/.test(name) ? name.replaceAll('.', '%2E') : encodeURIComponent(name);
}

function parametersOf({ searchParams }: URL): Query {
  return Object.fromEntries([...new Set(searchParams.keys())].map((name) => [name, searchParams.getAll(name)]));
}
