import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Config, InvalidConfig } from '../../config/config.js';
import { DomainError } from '../../domain/domain-error.js';
import type { Tracing } from '../../tracing/tracing.js';
import { type HttpAnswer, HttpClient, type HttpRequest, NoAnswer } from '../../http/client/http-client.js';
import { endpointOf, type KeystoneToken, readToken } from './token-body.js';

/** Keystone does not answer, or its answer does not tell whether a token is valid. */
export class KeystoneUnavailable extends DomainError {
  constructor(
    /** What happened, for the log: never a token or a password. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(
      'keystone-unavailable',
      'The identity service (Keystone) is not available at the moment. Try again later.',
      options,
    );
  }
}

/** The service's own token is renewed this long before it expires. */
const RENEW_BEFORE_MS = 60_000;
const RETRY_DELAY_MS = 100;
/** Less than one second, the usual timeout of the sender of a probe. */
const CHECK_TIMEOUT_MS = 800;
const MAX_SOCKETS = 32;
/** A token with a large catalog has some ten thousand bytes. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** The service's own token, and the URL of Keystone for it. */
interface Session {
  readonly token: string;
  readonly url: string;
  readonly expiresAt: number;
}

/** Validates tokens at a Keystone, with a token of its own. */
export class KeystoneClient {
  private readonly http: HttpClient;
  private readonly authUrl: string;
  private session: Session | undefined;
  private loggingIn: Promise<Session> | undefined;

  /** Throws InvalidConfig where KEYSTONE_CAFILE cannot be read. */
  constructor(
    private readonly config: Config,
    private readonly tracing: Tracing | undefined,
  ) {
    this.http = new HttpClient({
      ca: authorities(config.keystoneCaFile),
      maxSockets: MAX_SOCKETS,
      maxBytes: MAX_ANSWER_BYTES,
    });
    this.authUrl = addVersion(config.keystoneAuthUrl!);
  }

  /**
   * Keystone's description of a token; undefined if the token is not valid. Takes no longer than KEYSTONE_TIMEOUT_SECONDS,
   * including a retry. Throws {@link KeystoneUnavailable}.
   */
  async validate(token: string): Promise<KeystoneToken | undefined> {
    const deadline = AbortSignal.timeout(this.config.keystoneTimeoutSeconds * 1000);
    let answer = await this.requestToken(token, deadline);
    if (answer.status === 401) {
      // The service's own token became invalid before its expiry, as after a change of Keystone's keys.
      this.session = undefined;
      answer = await this.requestToken(token, deadline);
    }
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw new KeystoneUnavailable(`it answers ${answer.status} to our question`);
    const described = readToken(answer.json);
    if (!described) throw new KeystoneUnavailable('it describes no token');
    return described;
  }

  /** Sends a request of a user, with no token but its own. Throws {@link KeystoneUnavailable}. */
  relay({ path, ...request }: Omit<HttpRequest, 'url'> & { readonly path: string }): Promise<HttpAnswer> {
    const deadline = AbortSignal.timeout(this.config.keystoneTimeoutSeconds * 1000);
    return this.sendWithRetry({ ...request, url: new URL(this.authUrl + path) }, deadline);
  }

  /** Checks that Keystone answers. Throws {@link KeystoneUnavailable}. */
  async check(): Promise<void> {
    const { status } = await this.sendWithRetry(
      { method: 'GET', url: new URL(this.authUrl) },
      AbortSignal.timeout(CHECK_TIMEOUT_MS),
    );
    if (status >= 500) throw new KeystoneUnavailable(`it answers ${status}`);
  }

  close(): void {
    this.http.close();
  }

  private async requestToken(token: string, deadline: AbortSignal): Promise<HttpAnswer> {
    const session = await this.within(deadline, this.currentSession());
    return this.sendWithRetry(
      {
        method: 'GET',
        url: new URL(`${session.url}/auth/tokens?nocatalog`),
        headers: { 'X-Auth-Token': session.token, 'X-Subject-Token': token },
      },
      deadline,
    );
  }

  private async currentSession(): Promise<Session> {
    if (this.session && this.session.expiresAt - RENEW_BEFORE_MS > Date.now()) return this.session;
    this.loggingIn ??= this.logIn().finally(() => {
      this.loggingIn = undefined;
    });
    return this.loggingIn;
  }

  /** Logs in for all waiting requests, so the deadline of one must not abort it. */
  private async logIn(): Promise<Session> {
    const { config } = this;
    const deadline = AbortSignal.timeout(config.keystoneTimeoutSeconds * 1000);
    const body = {
      auth: {
        identity: {
          methods: ['password'],
          password: {
            user: {
              name: config.keystoneUsername,
              domain: { name: config.keystoneUserDomainName },
              password: config.keystonePassword ?? config.keystonePasswordFile,
            },
          },
        },
        scope: {
          project: { name: config.keystoneProjectName, domain: { name: config.keystoneProjectDomainName } },
        },
      },
    };
    const url = new URL(`${this.authUrl}/auth/tokens`);
    const answer = await this.sendWithRetry({ method: 'POST', url, body }, deadline);
    const token = answer.headers['x-subject-token'];
    const described = readToken(answer.json);
    if (answer.status !== 201 || typeof token !== 'string' || !described) {
      throw new KeystoneUnavailable(`it answers ${answer.status} to our log-in as ${config.keystoneUsername}`);
    }
    const endpoint = endpointOf(described, 'identity', config.keystoneInterface, config.keystoneRegion);
    this.session = {
      token,
      url: endpoint !== undefined && URL.canParse(endpoint) ? addVersion(endpoint) : this.authUrl,
      expiresAt: described.expiresAt,
    };
    return this.session;
  }

  /** Sends a request, and once more if there is no answer or its status is 500 or above. */
  private async sendWithRetry(request: HttpRequest, deadline: AbortSignal): Promise<HttpAnswer> {
    try {
      const answer = await this.send(request, deadline);
      if (answer.status < 500) return answer;
    } catch (error) {
      if (deadline.aborted) throw noAnswer(error);
    }
    try {
      await sleep(RETRY_DELAY_MS, undefined, { signal: deadline });
      return await this.send(request, deadline);
    } catch (error) {
      throw noAnswer(error);
    }
  }

  private send(request: HttpRequest, deadline: AbortSignal): Promise<HttpAnswer> {
    if (!this.tracing) return this.sendFresh(request, deadline);
    return this.tracing.call(request.method, request.url.href, (headers) =>
      this.sendFresh({ ...request, headers: { ...request.headers, ...headers } }, deadline),
    );
  }

  /** Repeats a request on another connection if the kept one was closed; both kinds of request may be repeated. */
  private async sendFresh(request: HttpRequest, deadline: AbortSignal): Promise<HttpAnswer> {
    try {
      return await this.http.send(request, deadline);
    } catch (error) {
      if (error instanceof NoAnswer && error.wasStale && !deadline.aborted) return this.sendFresh(request, deadline);
      throw error;
    }
  }

  private async within<T>(deadline: AbortSignal, work: Promise<T>): Promise<T> {
    if (deadline.aborted) throw noAnswer(deadline.reason);
    let stop: (() => void) | undefined;
    const late = new Promise<never>((_, reject) => {
      stop = () => reject(noAnswer(deadline.reason));
      deadline.addEventListener('abort', stop, { once: true });
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      deadline.removeEventListener('abort', stop!);
    }
  }
}

function noAnswer(cause: unknown): KeystoneUnavailable {
  const { code, name } = (cause instanceof NoAnswer ? cause.cause : cause) as NodeJS.ErrnoException;
  return new KeystoneUnavailable(`no answer (${typeof code === 'string' ? code : name})`, { cause });
}

/** Keystone's URL of version 3, however it is written. */
export function addVersion(url: string): string {
  const trimmed = url.replace(/\/+$/, '');
  return trimmed.endsWith('/v3') ? trimmed : `${trimmed.replace(/\/v2\.0$/, '')}/v3`;
}

function authorities(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new InvalidConfig([`KEYSTONE_CAFILE cannot be read (${(error as NodeJS.ErrnoException).code}).`]);
  }
}
