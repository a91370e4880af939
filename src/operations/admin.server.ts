import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { CONFIG, type Config, InvalidConfig } from '../config/config.js';
import { brokenRequest, refuseBroken } from '../http/listener/broken-request.js';
import { FAULTS } from '../http/faults/faults.js';
import { ambiguousHttp, sentByPage } from '../http/listener/unwelcome-requests.js';
import { closed } from '../http/listener/close-listener.js';
import { limitConnections, timeouts } from '../http/listener/listener-limits.js';
import { Health } from './health.js';
import { healthAnswer } from './health-answer.js';
import { writeHealth } from './health.controller.js';
import { Metrics } from './metrics.js';

/** The operators' own door: metrics and probes on a port that clients and guests have no way to. */
@Injectable()
export class AdminServer implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private server: Server | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly metrics: Metrics,
    private readonly health: Health,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Where it listens; undefined without ADMIN_PORT. */
  get address(): AddressInfo | undefined {
    return this.server?.address() as AddressInfo | undefined;
  }

  /** Throws InvalidConfig where it cannot listen there. */
  async onApplicationBootstrap(): Promise<void> {
    const { adminHost: host, adminPort: port } = this.config;
    if (port === undefined) return;
    // There is nothing to send but headers.
    const requestTimeout = this.config.headersTimeout * 1000;
    const server = createServer({ ...timeouts(this.config), requestTimeout });
    server.on('request', (request, response) => void this.serve(request, response)).on('clientError', refuse);
    limitConnections(server, this.config);
    await new Promise<void>((resolve, reject) => {
      server.once('error', ({ message }) => {
        reject(new InvalidConfig([`ADMIN_HOST ${host} with ADMIN_PORT ${port} cannot be listened on: ${message}.`]));
      });
      server.listen({ host, port }, resolve);
    });
    this.server = server;
  }

  onModuleDestroy(): void {
    this.closing = this.server && closed(this.server, this.config.shutdownSeconds * 1000);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.closing;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', headers } = request;
    const path = request.url?.split('?', 1)[0];
    const unwelcome = ambiguousHttp(request) ?? sentByPage(request);
    if (unwelcome) {
      const { code } = FAULTS[unwelcome.kind];
      response.writeHead(code, { 'Content-Type': 'text/plain', Connection: 'close' }).end(`${unwelcome.message}\n`);
    } else if (method !== 'GET' && method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    } else if (path === '/metrics') {
      const { contentType, body } = await this.metrics.shown();
      response.writeHead(200, { 'Content-Type': contentType }).end(body);
    } else if (path === '/healthcheck' || path === '/readyz') {
      writeHealth(response, healthAnswer(method, headers.accept, await this.health.results()));
    } else if (path === '/livez') {
      writeHealth(response, healthAnswer(method, headers.accept, []));
    } else {
      response
        .writeHead(404, { 'Content-Type': 'text/plain' })
        .end('There are /metrics, /healthcheck, /readyz and /livez.\n');
    }
  }
}

function refuse(error: Error, socket: Socket): void {
  const { status, message } = brokenRequest(error);
  refuseBroken(error, socket, { status, contentType: 'text/plain; charset=UTF-8', body: `${message}\n` });
}
