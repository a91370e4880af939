import type { FastifyReply, FastifyRequest } from 'fastify';
import { pathOf } from './api-request.js';

/** Says the id of a request in its answer, twice as Nova does; at Nova's API, and at our own under /v1. */
export function tellRequestId(request: FastifyRequest, reply: FastifyReply): void {
  if (request.method === 'OPTIONS' || !/^\/(v2(\.1)?(\/|$)|v1\/)/.test(pathOf(request))) return;
  reply.header('X-OpenStack-Request-Id', request.id);
  reply.header('X-Compute-Request-Id', request.id);
}
