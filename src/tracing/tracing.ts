import type { IncomingHttpHeaders } from 'node:http';

/** Injection token of the {@link Tracing}; undefined is injected where there is none. */
export const TRACING = Symbol('Tracing');

/** How a request was answered. No value comes from a client as it is, but for the ids. */
export interface Answered {
  /** The route's pattern, as in `/v2.1/os-keypairs/:name`. */
  readonly route: string | undefined;
  /** Undefined where the client went away before there was an answer. */
  readonly status: number | undefined;
  readonly microversion: string | undefined;
  readonly requestId: string;
  readonly user: string | undefined;
  /** The class of what was thrown. */
  readonly failure: string | undefined;
}

/** The span of one request. */
export interface RequestSpan {
  /** Runs what answers the request: statements and calls in it belong to the span. */
  run(work: () => void): void;
  end(answered: Answered): void;
}

/** Tells a tracing backend what takes how long. Names and statuses, never values. */
export interface Tracing {
  /** Begins the span of a request, in the trace that its `traceparent` names (W3C Trace Context). */
  received(method: string, scheme: string, headers: IncomingHttpHeaders): RequestSpan;
  /** Runs a database statement in a span of its own; outside of a request in none. */
  statement<T>(name: string, run: () => Promise<T>): Promise<T>;
  /** Calls another service in a span of its own; `send` gets headers that pass the trace on. */
  call<T extends { readonly status: number }>(
    method: string,
    url: string,
    send: (headers: Readonly<Record<string, string>>) => Promise<T>,
  ): Promise<T>;
}
