import type { ServerResponse } from 'node:http';
import { All, Controller, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { withContract, Errors } from '../http/shapes/contract.js';
import { Health, type HealthResult } from './health.js';
import { type HealthAnswer, healthAnswer } from './health-answer.js';
import { probesApi } from './probes.contract.js';

const { Response } = withContract(() => probesApi);

/** Probes, without authentication: they report what kind of problem there is, and nothing else. */
@Controller()
@ApiTags('probes')
export class HealthController {
  constructor(private readonly health: Health) {}

  /** For load balancers, as in oslo.middleware. */
  @All('healthcheck')
  @Response('reply')
  @Errors('unavailable')
  @ApiOperation({ operationId: 'showHealth', summary: 'Check the health of the service and its dependencies' })
  async healthcheck(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    answer(request, reply, await this.health.results());
  }

  /** Whether requests may be sent here. */
  @All('readyz')
  @Response('reply')
  @Errors('unavailable')
  @ApiOperation({ operationId: 'showReadiness', summary: 'Check whether the service accepts requests' })
  async ready(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    answer(request, reply, await this.health.results());
  }

  /** Whether the process responds. A database that is unavailable is no reason to restart it. */
  @All('livez')
  @Response('reply')
  @ApiOperation({ operationId: 'showLiveness', summary: 'Check whether the process responds' })
  live(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    answer(request, reply, []);
  }
}

/** Bypasses Fastify, which sets the content types of Nova. */
function answer(request: FastifyRequest, reply: FastifyReply, results: readonly HealthResult[]): void {
  const found = healthAnswer(request.method, request.headers.accept, results);
  reply.status(found.status).hijack();
  writeHealth(reply.raw, found);
}

export function writeHealth(response: ServerResponse, { status, contentType, body }: HealthAnswer): void {
  const type = status === 204 ? {} : { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) };
  response.writeHead(status, { ...type, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
  response.end(status === 204 ? undefined : body);
}
