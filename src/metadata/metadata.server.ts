import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { CONFIG, type Config } from '../config/config.js';
import { DomainError } from '../domain/domain-error.js';
import type { BrokenAnswer } from '../http/listener/broken-request.js';
import { PlainListener } from '../http/listener/plain-listener.js';
import { ambiguousHttp, sentByPage } from '../http/listener/unwelcome-requests.js';
import { Deliveries } from './delivery/deliveries.js';
import type { Document } from './formats/document.js';
import { MetadataHandler } from './metadata.handler.js';
import { Refusal } from './refusal.js';

/** Of a request's line and headers together: Neutron's OVN agent accepts at most 4 KiB. */
const MAX_HEADER_BYTES = 4096;
/** The default of MAX_CONNECTIONS_PER_ADDRESS for guests. */
const MAX_GUEST_CONNECTIONS = 64;

/**
 * The listener for guests, on a port of its own, so that no request from a guest's network reaches the API. It uses Node's server
 * directly, since it has one handler and few statuses.
 */
@Injectable()
export class MetadataServer implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private listener: PlainListener | undefined;
  private closing: Promise<void> | undefined;
  private readonly log: FastifyBaseLogger;

  constructor(
    private readonly handler: MetadataHandler,
    private readonly deliveries: Deliveries,
    @Inject(CONFIG) private readonly config: Config,
    { httpAdapter }: HttpAdapterHost,
  ) {
    this.log = httpAdapter.getInstance<FastifyInstance>().log;
  }

  /** The addresses it listens on; empty with METADATA_MODE=off. */
  get addresses(): readonly AddressInfo[] {
    return this.listener?.addresses ?? [];
  }

  /** Throws InvalidConfig if it cannot listen on METADATA_HOST and METADATA_PORT. */
  async onApplicationBootstrap(): Promise<void> {
    const { config } = this;
    if (config.metadataMode === 'off') return;
    this.listener = await PlainListener.open({
      config,
      settings: 'METADATA',
      hosts: config.metadataHost,
      port: config.metadataPort,
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsPerAddress: this.connectionsPerAddress(),
      serve: (request, response) => this.serve(request, response),
      broken: () => BROKEN,
    });
    for (const { address, port } of this.addresses) this.log.info({ address, port }, 'the metadata service listens');
  }

  onModuleDestroy(): void {
    this.closing = this.listener?.close();
  }

  /** Waits for running requests, and stores what they delivered, before the database is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.closing;
    await this.deliveries.flush();
  }

  /** A guest has an address to itself. Behind proxies and Neutron's agents many have one. */
  private connectionsPerAddress(): number | undefined {
    const { maxConnectionsPerAddress, metadataMode, trustedProxies } = this.config;
    if (maxConnectionsPerAddress !== undefined) return maxConnectionsPerAddress;
    return metadataMode === 'address' && trustedProxies.length === 0 ? MAX_GUEST_CONNECTIONS : undefined;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedAt = performance.now();
    try {
      const unwelcome = ambiguousHttp(request) ?? sentByPage(request);
      if (unwelcome) throw new Refusal(unwelcome.kind === 'forbidden' ? 403 : 400, unwelcome.message);
      writeDocument(response, 200, await this.handler.answer(request));
    } catch (error) {
      const refusal = this.refusalFor(isBrokenOff(request) ? new Refusal(400, 'The request broke off.') : error);
      writeDocument(response, refusal.status, { type: 'text/plain; charset=UTF-8', content: refusal.page });
    }
    const ms = Math.round((performance.now() - startedAt) * 100) / 100;
    this.log.info({ method: request.method, status: response.statusCode, ms }, 'metadata request');
  }

  private refusalFor(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    const { name, code } = error as NodeJS.ErrnoException;
    if (error instanceof DomainError && error.kind === 'unavailable') {
      this.log.warn({ reason: (error as { reason?: string }).reason }, name);
      return new Refusal(503, error.message);
    }
    this.log.error({ error: { name, code } }, 'unforeseen error of the metadata service');
    return new Refusal(500, 'An unknown error has occurred. Please try your request again.');
  }
}

/** Whether the guest disconnected before the end of its body. */
function isBrokenOff(request: IncomingMessage): boolean {
  return request.destroyed && !request.complete;
}

function writeDocument(response: ServerResponse, status: number, { type, content, headers }: Document): void {
  const retry = status === 503 ? { 'Retry-After': '1' } : {};
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(content),
    ...retry,
    ...headers,
  });
  response.end(content);
}

/** The answer to what is not HTTP, too long or too slow. Neutron's agents do not pass on Node's own answers. */
const BROKEN: BrokenAnswer = {
  status: '400 Bad Request',
  contentType: 'text/plain; charset=UTF-8',
  body: new Refusal(400, 'The request cannot be read.').page,
};
