import type { FastifyInstance } from 'fastify';
import type { ApiRequest } from '../http/api-request.js';
import { showMicroversion } from '../domain/microversion.js';
import type { RequestSpan, Tracing } from './tracing.js';

/** Traces every request. */
export function traceRequests(fastify: FastifyInstance, tracing: Tracing): void {
  const spans = new WeakMap<object, RequestSpan>();
  fastify.addHook('onRequest', (sent, reply, done) => {
    const request = sent as ApiRequest;
    const span = tracing.startRequest(request.method, request.protocol, request.headers);
    spans.set(request, span);
    // Emitted in any case, even if the client has disconnected.
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
  // The asynchronous context of earlier hooks is lost while the body is read, so the span is entered here.
  fastify.addHook('preHandler', (request, _reply, done) => spans.get(request)!.run(done));
}
