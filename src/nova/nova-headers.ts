import type { FastifyInstance } from 'fastify';
import { tellRequestId } from '../http/request-id.js';

const VENDOR_JSON = 'application/vnd.openstack.compute+json';

/**
 * The headers that every answer of Nova's API has, whatever its status: the request's id twice, and the content type. The API of
 * our own under /v1 has them too.
 */
export function addNovaHeaders(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    tellRequestId(request, reply);
    done();
  });
  // Fastify adds a charset to JSON, and takes the type off a 204; Nova does neither. Downloads and pages have types of their own.
  fastify.addHook('onSend', (request, reply, payload, done) => {
    const isBare = request.method === 'OPTIONS' && !payload;
    const hasOwnType = reply.hasHeader('Content-Disposition') || reply.hasHeader('Content-Security-Policy');
    if (reply.statusCode < 400 && !isBare && !hasOwnType) {
      const type = request.headers.accept === VENDOR_JSON ? VENDOR_JSON : 'application/json';
      if (reply.statusCode === 204) reply.raw.setHeader('Content-Type', type);
      else reply.header('Content-Type', type);
    }
    done();
  });
}
