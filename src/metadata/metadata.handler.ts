import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import type { StoredGuest } from '../persistence/repositories/guest.repository.js';
import { Deliveries } from './delivery/deliveries.js';
import { type Document, textDocument } from './formats/document.js';
import { GuestCache } from './guest-lookup/guest-cache.js';
import { GUEST_FINDER, type GuestFinder } from './guest-lookup/guest-finder.js';
import { MetadataService } from './metadata.service.js';
import { readTokenPath, type TokenPath } from './guest-lookup/nocloud-token.js';
import { MAX_REPORT_BYTES } from './delivery/phone-home.js';
import { notFound, Refusal } from './refusal.js';
import { SessionTokens } from './session-tokens.js';

// No name in the trees has other characters. Agents send no escapes and no parameters.
const PLAIN_PATH = /^\/[A-Za-z0-9._/-]*$/;

/** A product with its version (RFC 9110, section 10.1.5), up to 64 characters of letters, digits and four marks. */
const PRODUCT = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,31}(?:\/[A-Za-z0-9][A-Za-z0-9._+-]{0,30})?/;

const WITHOUT_TOKENS: ReadonlySet<string | undefined> = new Set(['openstack', 'nocloud', 'latchkey']);

/** Handles a guest's request: path, guest, document. */
@Injectable()
export class MetadataHandler {
  private readonly tokens: SessionTokens | undefined;

  constructor(
    @Inject(GUEST_FINDER) private readonly finder: GuestFinder,
    private readonly guests: GuestCache,
    private readonly metadata: MetadataService,
    private readonly deliveries: Deliveries,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    // Neutron's agents pass on neither PUT nor 401.
    const { metadataMode, metadataSecret, metadataSecretFile } = config;
    this.tokens =
      metadataMode === 'address' ? new SessionTokens(metadataSecret ?? metadataSecretFile ?? []) : undefined;
  }

  /** Throws {@link Refusal}. */
  async answer(request: IncomingMessage): Promise<Document> {
    const { method } = request;
    const path = segmentsOf(request.url ?? '');
    const tokens = method === 'PUT' && path?.join('/') === 'latest/api/token' ? this.tokens : undefined;
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST' && !tokens) {
      throw new Refusal(400, 'GET and POST only are supported.');
    }
    if (!path) throw notFound();
    // Neutron's agents know every guest, and let no other program reach this port.
    const byToken = this.config.metadataMode === 'address' ? readTokenPath(path) : undefined;
    if (byToken) return this.readByToken(byToken, request);
    const guest = await this.finder.find(request);
    if (!guest) throw notFound();
    if (tokens) return tokens.issue(guest, request);
    // cloud-init's sources of OpenStack and NoCloud send no token, nor does its report of host keys.
    if (!WITHOUT_TOKENS.has(path[0])) this.tokens?.check(guest, request, this.config.metadataTokens === 'required');
    if (method !== 'POST') return this.read(guest, path, request);
    await this.metadata.accept(guest, path, await bodyOf(request), request.socket.remoteAddress ?? '');
    return textDocument('');
  }

  /** A guest with a token may read from any address and through any proxy, but may not post anything. */
  private async readByToken({ sha256, path }: TokenPath, request: IncomingMessage): Promise<Document> {
    const guest = request.method === 'POST' ? undefined : await this.guests.byNoCloudToken(sha256);
    if (!guest) throw notFound();
    return this.read(guest, path, request);
  }

  private async read(guest: StoredGuest, path: readonly string[], request: IncomingMessage): Promise<Document> {
    const document = await this.metadata.read(guest, path, path[0] === 'latchkey' ? userIn(request.url ?? '') : null);
    this.deliveries.noteFetch(guest, this.agentOf(request));
    return document;
  }

  /** Neutron's agents send their own User-Agent instead of the guest's. */
  private agentOf({ headers }: IncomingMessage): string | null {
    return this.config.metadataMode === 'neutron' ? null : agentName(headers['user-agent']);
  }
}

/** The account whose live keys are requested; the only parameter of a request. */
const userIn = (target: string): string | null => new URLSearchParams(target.split('?', 2)[1]).get('user');

/** Reads a body to its end even if it is too long; otherwise the guest may see a reset connection instead of the answer. */
async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_REPORT_BYTES) chunks.push(chunk);
  }
  if (size > MAX_REPORT_BYTES) throw new Refusal(400, 'Request is too large.');
  return Buffer.concat(chunks).toString('latin1');
}

/**
 * The segments of a request's path, ignoring final and repeated slashes. Undefined for other characters, which a proxy might
 * interpret differently.
 */
function segmentsOf(target: string): string[] | undefined {
  const [path] = target.split('?', 1);
  if (!PLAIN_PATH.test(path)) return undefined;
  const segments = path.split('/').filter((each) => each !== '');
  return segments.some((each) => each === '.' || each === '..') ? undefined : segments;
}

/**
 * The first product of a User-Agent, such as `Cloud-Init/22.4.2`; null if it begins with none. A guest may send any text, so nothing
 * is kept that a terminal, a spreadsheet, a shell or a page would interpret.
 */
const agentName = (userAgent: string | undefined): string | null => PRODUCT.exec(userAgent ?? '')?.[0] ?? null;
