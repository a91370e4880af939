import type { FastifyRequest } from 'fastify';
import type { Caller } from '../domain/caller.js';
import type { Microversion } from '../domain/microversion.js';

/** A request: each guard adds its result, and later steps read that and never the raw request. */
export interface ApiRequest extends FastifyRequest {
  /** The Content-Type without its parameters; empty where there is none. */
  bodyType?: string;
  /** Added by the identity guard. */
  caller?: Caller;
  /** The microversion in force; 2.0 stands for /v2, which has none. Added by the microversion guard. */
  microversion?: Microversion;
  /** The body as JSON. Added by the body guard. */
  json?: unknown;
  /** The error of a failed request. Added by the fault filter, for the metrics. */
  failure?: Error;
}

/** The path without the query, duplicate slashes folded, still percent-encoded. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0];
}
