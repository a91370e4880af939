import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pathOf } from './api-request.js';

/** Returns the id of a request in two headers, as Nova does; in Nova's API, and under /v1. */
export function setRequestId(request: FastifyRequest, reply: FastifyReply): void {
  if (request.method === 'OPTIONS' || !/^\/(v2(\.1)?(\/|$)|v1\/)/.test(pathOf(request))) return;
  reply.header('X-OpenStack-Request-Id', request.id);
  reply.header('X-Compute-Request-Id', request.id);
}

export function setRequestIds(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    setRequestId(request, reply);
    done();
  });
}
