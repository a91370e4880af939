import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { type BrokenAnswer, brokenRequest } from '../http/listener/broken-request.js';
import { FAULTS } from '../http/faults/faults.js';
import { ambiguousHttp, sentByPage } from '../http/listener/unwelcome-requests.js';
import { PlainListener } from '../http/listener/plain-listener.js';
import { Health } from './health.js';
import { healthAnswer } from './health-answer.js';
import { writeHealth } from './health.controller.js';
import { Metrics } from './metrics.js';

/** The listener for operators: metrics and probes on a port that clients and guests cannot reach. */
@Injectable()
export class AdminServer implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private listener: PlainListener | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly metrics: Metrics,
    private readonly health: Health,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The address it listens on; undefined without ADMIN_PORT. */
  get address(): AddressInfo | undefined {
    return this.listener?.addresses[0];
  }

  /** Throws InvalidConfig if it cannot listen on ADMIN_HOST and ADMIN_PORT. */
  async onApplicationBootstrap(): Promise<void> {
    const { adminHost, adminPort: port } = this.config;
    if (port === undefined) return;
    this.listener = await PlainListener.open({
      config: this.config,
      settings: 'ADMIN',
      hosts: [adminHost],
      port,
      serve: (request, response) => this.serve(request, response),
      broken: answerBroken,
    });
  }

  onModuleDestroy(): void {
    this.closing = this.listener?.close();
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
      const { contentType, body } = await this.metrics.render();
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

function answerBroken(error: NodeJS.ErrnoException): BrokenAnswer {
  const { status, message } = brokenRequest(error);
  return { status, contentType: 'text/plain; charset=UTF-8', body: `${message}\n` };
}
