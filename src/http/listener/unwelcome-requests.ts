import type { IncomingMessage } from 'node:http';
import type { Config } from '../../config/config.js';
import type { ErrorKind } from '../../domain/domain-error.js';

/** Why a request is refused before anything else reads it. */
export interface Unwelcome {
  readonly kind: ErrorKind & ('malformed' | 'forbidden');
  readonly message: string;
}

/** Requests that Node's parser accepts and proxies may interpret differently (RFC 9112: 2.3, 3.2, 6.1). */
export function ambiguousHttp({ httpVersion, headers, rawHeaders }: IncomingMessage): Unwelcome | undefined {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') {
    return { kind: 'malformed', message: 'Only HTTP/1.1 and HTTP/1.0 are spoken here.' };
  }
  const hosts = rawHeaders.filter((name, place) => place % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length > 1) return { kind: 'malformed', message: 'The request has two Host headers. Send one.' };
  const coding = headers['transfer-encoding']?.toLowerCase();
  if (coding === undefined || coding === 'chunked') return undefined;
  return { kind: 'malformed', message: 'The only Transfer-Encoding that is read is chunked.' };
}

/** Requests of web pages, of any site: guests' agents and operators' tools send neither header. */
export function sentByPage({ headers }: IncomingMessage): Unwelcome | undefined {
  const site = headers['sec-fetch-site'];
  if (headers.origin === undefined && (site === undefined || site === 'none')) return undefined;
  return { kind: 'forbidden', message: 'Pages in browsers may not ask here.' };
}

/**
 * Requests of pages of other sites. Without a token (AUTH_MODE=none) or with one that the browser adds (http_basic), the page would act
 * as the browser's user. A name that is rebound to this address makes it a page of the same origin, so without a log-in the Host
 * must be a loopback one; browsers do not send the credentials of http_basic to another name.
 */
export function sentByForeignPage(request: IncomingMessage, { authMode, publicUrl }: Config): Unwelcome | undefined {
  if (authMode !== 'none' && authMode !== 'http_basic') return undefined;
  const { host, origin, 'sec-fetch-site': site } = request.headers;
  const ownHosts = [host?.toLowerCase(), publicUrl && new URL(publicUrl).host];
  if (authMode === 'none' && host !== undefined && !isLoopbackHost(host) && host.toLowerCase() !== ownHosts[1]) {
    return {
      kind: 'forbidden',
      message: 'With AUTH_MODE=none the Host must be a loopback address, localhost, or the host of PUBLIC_URL.',
    };
  }
  // A preflight changes and reveals nothing, and links of other sites may lead to the pages.
  const isPreflight = request.method === 'OPTIONS' && 'access-control-request-method' in request.headers;
  if (isPreflight || /^\/(?:docs|console)(?:[/?]|$)/.test(request.url ?? '')) return undefined;
  const isForeign = origin !== undefined && !(URL.canParse(origin) && ownHosts.includes(new URL(origin).host));
  if (!isForeign && site !== 'cross-site' && site !== 'same-site') return undefined;
  return { kind: 'forbidden', message: `Pages of other sites may not ask here while AUTH_MODE is ${authMode}.` };
}

/** `localhost` and the names under it are loopback to every browser (RFC 6761). */
const isLoopbackHost = (host: string): boolean =>
  /^(?:127(?:\.\d{1,3}){3}|\[::1\]|(?:[a-z0-9-]+\.)*localhost)(?::\d+)?$/i.test(host);
