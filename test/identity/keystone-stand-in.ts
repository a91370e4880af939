import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What the stand-in does instead of answering; `undefined` answers as Keystone does. */
export type Misbehaviour = (request: IncomingMessage, reply: ServerResponse) => void;

/** A token that the stand-in knows. */
export interface KnownToken {
  readonly userId: string;
  readonly projectId?: string;
  readonly roles: readonly string[];
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const HOUR = 3_600_000;

/** Plays a Keystone that can be made to fail in every way. It accepts any password, and issues numbered service tokens. */
export class KeystoneStandIn {
  readonly tokens = new Map<string, KnownToken>();
  readonly validations: string[] = [];
  /** The traceparent of each request. */
  readonly traceparents: unknown[] = [];
  logIns = 0;
  lastLogIn: unknown;
  misbehaves: Misbehaviour | undefined;
  /** How long service tokens are valid, in milliseconds. */
  serviceLifetime = HOUR;
  /** The catalog in the service's own tokens. */
  catalog: readonly object[] = [];
  /** The projects that every user may choose from. */
  projects: readonly { readonly id: string; readonly name: string }[] = [];
  private readonly serviceTokens = new Set<string>();
  private server: Server | undefined;
  private port = 0;

  /** With a key and a certificate it serves TLS. */
  constructor(private readonly tls?: { readonly key: string; readonly cert: string }) {}

  get url(): string {
    return `${this.tls ? 'https' : 'http'}://127.0.0.1:${this.port}/v3`;
  }

  async start(): Promise<void> {
    const listener = (request: IncomingMessage, reply: ServerResponse): void => {
      this.traceparents.push(request.headers.traceparent);
      if (this.misbehaves) this.misbehaves(request, reply);
      else void this.answer(request, reply);
    };
    this.server = this.tls ? createSecureServer(this.tls, listener) : createServer(listener);
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Ends it like a crash; {@link start} brings it back at the same address. */
  async kill(): Promise<void> {
    if (!this.server?.listening) return;
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** Invalidates every service token, as a change of Keystone's keys does. */
  forgetServiceTokens(): void {
    this.serviceTokens.clear();
  }

  /** Accepts the service tokens of another one as its own. */
  trusts(token: string): void {
    this.serviceTokens.add(token);
  }

  /** Makes a token that is valid for an hour. */
  knows(token: string, more: Partial<KnownToken> = {}): void {
    this.tokens.set(token, {
      userId: `user-of-${token}`,
      projectId: 'de30',
      roles: ['member'],
      expiresAt: Date.now() + HOUR,
      ...more,
    });
  }

  private async answer(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    if (request.method === 'POST') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      this.logIns += 1;
      this.lastLogIn = JSON.parse(Buffer.concat(chunks).toString());
      const token = `service-${this.logIns}`;
      this.serviceTokens.add(token);
      const expiresAt = Date.now() + this.serviceLifetime;
      const { token: issued } = tokenBody({ userId: 'nova', roles: ['service'], expiresAt });
      send(reply, 201, { token: { ...issued, catalog: this.catalog } }, { 'X-Subject-Token': token });
      return;
    }
    if (request.url!.endsWith('/auth/projects')) {
      send(reply, 200, { projects: this.projects });
      return;
    }
    const subject = String(request.headers['x-subject-token']);
    this.validations.push(subject);
    if (!this.serviceTokens.has(String(request.headers['x-auth-token']))) {
      send(reply, 401, { error: { code: 401 } });
      return;
    }
    const known = this.tokens.get(subject);
    send(reply, known ? 200 : 404, known ? tokenBody(known) : { error: { code: 404 } });
  }
}

/** `{"token": {...}}` as Keystone has it. */
export function tokenBody({ userId, projectId, roles, expiresAt }: KnownToken): { token: object } {
  return {
    token: {
      user: { id: userId, name: userId },
      ...(projectId !== undefined && { project: { id: projectId } }),
      roles: roles.map((name) => ({ id: name, name })),
      expires_at: new Date(expiresAt).toISOString(),
    },
  };
}

/** Answers with JSON. */
export function send(reply: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  reply.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  reply.end(JSON.stringify(body));
}
