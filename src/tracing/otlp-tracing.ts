import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import {
  type Attributes,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../config/config.js';
import type { Answered, RequestSpan, Tracing } from './tracing.js';

/** For sending the last spans when the service stops. */
const SHUTDOWN_TIMEOUT_MS = 3_000;

/** The methods that spans name; others are `_OTHER` (OpenTelemetry semantic conventions for HTTP). */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);

/** Sends spans to a collector by OTLP over HTTP. */
export class OtlpTracing implements Tracing, OnApplicationShutdown {
  private readonly current = new AsyncLocalStorage<Span>();
  private readonly propagator = new W3CTraceContextPropagator();
  private readonly provider: TracerProvider;
  private readonly tracer: Tracer;

  /** Calls `warn` with the reason when spans are lost. */
  constructor(config: Config, url: string, warn: (why: string) => void) {
    // The message of the error may quote the response of the collector.
    setGlobalErrorHandler((error) => {
      const { name, code } = error as NodeJS.ErrnoException;
      warn(`Traces cannot be exported: ${name} ${code ?? ''}`.trimEnd());
    });
    this.provider = new TracerProvider({
      resource: defaultResource()
        .merge(detectResources({ detectors: [envDetector] }))
        .merge(resourceFromAttributes({ 'service.name': config.otelServiceName })),
      sampler: SAMPLERS[config.otelTracesSampler](config.otelTracesSamplerArg),
      spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }) })],
    });
    this.tracer = this.provider.getTracer('latchkey');
  }

  startRequest(sent: string, scheme: string, headers: IncomingHttpHeaders): RequestSpan {
    const method = METHODS.has(sent) ? sent : '_OTHER';
    const parent = this.propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
    const attributes = { 'http.request.method': method, 'url.scheme': scheme };
    const span = this.tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, parent);
    return {
      run: (work) => this.current.run(span, work),
      end: (answered) => {
        finish(span, method, answered);
        span.end();
      },
    };
  }

  statement<T>(name: string, run: () => Promise<T>): Promise<T> {
    const attributes = { 'db.system.name': 'postgresql', 'db.query.summary': name };
    return this.runInSpan(name, attributes, run);
  }

  call<T extends { readonly status: number }>(
    method: string,
    url: string,
    send: (headers: Readonly<Record<string, string>>) => Promise<T>,
  ): Promise<T> {
    const { hostname, port, protocol } = new URL(url);
    const attributes = {
      'http.request.method': method,
      'server.address': hostname,
      'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
    };
    return this.runInSpan(method, attributes, async (span) => {
      const headers: Record<string, string> = {};
      if (span) this.propagator.inject(trace.setSpan(ROOT_CONTEXT, span), headers, defaultTextMapSetter);
      const answer = await send(headers);
      span?.setAttribute('http.response.status_code', answer.status);
      if (answer.status >= 400) span?.setStatus({ code: SpanStatusCode.ERROR });
      return answer;
    });
  }

  /** Runs after the last response. A collector that does not answer delays the stop by no more than the timeout. */
  async onApplicationShutdown(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const expiry = new Promise<void>((over) => {
      timer = setTimeout(over, SHUTDOWN_TIMEOUT_MS);
    });
    await Promise.race([this.provider.shutdown().catch(() => {}), expiry]);
    clearTimeout(timer);
  }

  private async runInSpan<T>(name: string, attributes: Attributes, work: (span?: Span) => Promise<T>): Promise<T> {
    const request = this.current.getStore();
    if (!request) return work();
    const span = this.tracer.startSpan(
      name,
      { kind: SpanKind.CLIENT, attributes },
      trace.setSpan(ROOT_CONTEXT, request),
    );
    try {
      return await work(span);
    } catch (error) {
      const { name: kind, code } = error as NodeJS.ErrnoException;
      span.setAttribute('error.type', code ?? kind);
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }
}

function finish(span: Span, method: string, answered: Answered): void {
  const { route, status, microversion, requestId, user, failure } = answered;
  if (route !== undefined) span.updateName(`${method} ${route}`);
  span.setAttributes({
    'http.route': route,
    'http.response.status_code': status,
    'user.id': user,
    'latchkey.request_id': requestId,
    'latchkey.microversion': microversion,
    'error.type': failure,
  });
  // Errors of the client are no errors of a server span (OpenTelemetry semantic conventions for HTTP).
  if (status === undefined || status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
}

/** By the values of OTEL_TRACES_SAMPLER; `ratio` is OTEL_TRACES_SAMPLER_ARG. */
const SAMPLERS: Record<Config['otelTracesSampler'], (ratio: number) => Sampler> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
  parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (ratio) => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
};
