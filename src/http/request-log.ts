import type { FastifyInstance } from 'fastify';
import type { ApiRequest } from './api-request.js';
import { failureCode } from './faults/describe-error.js';

/**
 * One line for each request: method, route, caller, the answer's status, the code of a refusal, and the milliseconds it took. It
 * holds the route's pattern and not the URL, and never a body, a key or a token.
 */
export function logRequests(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const { caller, failure } = request as ApiRequest;
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        code: failure && failureCode(failure),
        ms: Math.round(reply.elapsedTime * 100) / 100,
        user: caller?.userId,
        project: caller?.projectId,
      },
      'request',
    );
    done();
  });
}
