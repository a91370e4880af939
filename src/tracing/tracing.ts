import type { IncomingHttpHeaders } from 'node:http';

/** Injection token of the {@link Tracing}; undefined is injected if tracing is off. */
export const TRACING = Symbol('Tracing');

/** How a request was answered. Apart from the ids, no value is the client's own text. */
export interface Answered {
  /** The route's pattern, as in `/v2.1/os-keypairs/:name`. */
  readonly route: string | undefined;
  /** Undefined if the client disconnected before the response. */
  readonly status: number | undefined;
  readonly microversion: string | undefined;
  readonly requestId: string;
  readonly user: string | undefined;
  /** The class of the error. */
  readonly failure: string | undefined;
}

/** The span of one request. */
export interface RequestSpan {
  /** Runs the handling of the request: statements and calls in it belong to the span. */
  run(work: () => void): void;
  end(answered: Answered): void;
}

/** Sends durations to a tracing backend, with names and statuses, never values. */
export interface Tracing {
  /** Starts the span of a request, in the trace of its `traceparent` (W3C Trace Context). */
  startRequest(method: string, scheme: string, headers: IncomingHttpHeaders): RequestSpan;
  /** Runs a database statement in a span of its own, or in none outside of a request. */
  statement<T>(name: string, run: () => Promise<T>): Promise<T>;
  /** Calls another service in a span of its own; `send` receives the headers that propagate the trace. */
  call<T extends { readonly status: number }>(
    method: string,
    url: string,
    send: (headers: Readonly<Record<string, string>>) => Promise<T>,
  ): Promise<T>;
}
