import type { FastifyInstance } from 'fastify';
import type { ApiRequest } from '../http/api-request.js';
import { failureCode } from '../http/faults/describe-error.js';
import { showMicroversion } from '../domain/microversion.js';
import type { Metrics } from './metrics.js';

/** Counts every response. */
export function countRequests(fastify: FastifyInstance, metrics: Metrics): void {
  if (!metrics.isKept) return;
  fastify.addHook('onResponse', (sent, reply, done) => {
    const request = sent as ApiRequest;
    metrics.countRequest({
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      version: request.microversion ? showMicroversion(request.microversion) : 'none',
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1000,
      refusal: request.failure && failureCode(request.failure),
    });
    done();
  });
}
