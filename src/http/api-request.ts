import type { FastifyRequest } from 'fastify';
import type { Caller } from '../domain/caller.js';
import type { Microversion } from '../domain/microversion.js';

/** A request on its way: each guard adds what it found out, and later steps read that and never the raw request. */
export interface ApiRequest extends FastifyRequest {
  /** The Content-Type without its parameters; empty where there is none. */
  bodyType?: string;
  /** Who asks. Added by the identity guard. */
  caller?: Caller;
  /** The microversion that counts; 2.0 stands for /v2, which has none. Added by the microversion guard. */
  microversion?: Microversion;
  /** The body as JSON. Added by the body guard. */
  json?: unknown;
  /** What was thrown, where the request fails. Added by the fault filter, for the metrics. */
  failure?: Error;
}

/** The path without the query, duplicate slashes folded, still percent-encoded. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0];
}
