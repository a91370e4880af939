import type { FastifyInstance } from 'fastify';
import type { ApiRequest } from '../http/api-request.js';
import { showMicroversion } from '../domain/microversion.js';
import type { RequestSpan, Tracing } from './tracing.js';

/** Has every request traced. */
export function traceRequests(fastify: FastifyInstance, tracing: Tracing): void {
  const spans = new WeakMap<object, RequestSpan>();
  fastify.addHook('onRequest', (sent, reply, done) => {
    const request = sent as ApiRequest;
    const span = tracing.received(request.method, request.protocol, request.headers);
    spans.set(request, span);
    // Comes in any case, also where the client has gone.
    reply.raw.once('close', () => {
      const { microversion, caller, failure } = request;
      span.end({
        route: request.routeOptions.url,
        status: reply.raw.headersSent ? reply.raw.statusCode : undefined,
        microversion: microversion && showMicroversion(microversion),
        requestId: request.id,
        user: caller?.userId,
        failure: failure?.name,
      });
    });
    done();
  });
  // Bodies are read outside of what came before them, so that the span's work begins here.
  fastify.addHook('preHandler', (request, _reply, done) => spans.get(request)!.run(done));
}
