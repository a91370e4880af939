import type { ServerResponse } from 'node:http';
import { All, Controller, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Health, type HealthResult } from './health.js';
import { type HealthAnswer, healthAnswer } from './health-answer.js';

/** Probes, for anybody: they say that something is wrong, and never more than of what kind. */
@Controller()
@ApiExcludeController()
export class HealthController {
  constructor(private readonly health: Health) {}

  /** As oslo.middleware has it, for load balancers. */
  @All('healthcheck')
  async healthcheck(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    answer(request, reply, await this.health.results());
  }

  /** Whether requests may be sent here. */
  @All('readyz')
  async ready(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    answer(request, reply, await this.health.results());
  }

  /** Whether the process does anything at all. A database that is away is no reason to restart it. */
  @All('livez')
  live(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    answer(request, reply, []);
  }
}

/** Written past Fastify, since every answer that goes through it has the types of Nova's. */
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
