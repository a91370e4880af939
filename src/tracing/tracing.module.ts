import { Global, Logger, Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { type Tracing, TRACING } from './tracing.js';

/** Global, since requests, statements and calls are traced. */
@Global()
@Module({
  providers: [{ provide: TRACING, inject: [CONFIG], useFactory: openTracing }],
  exports: [TRACING],
})
export class TracingModule {}

/** Loads OpenTelemetry only if it is configured. */
async function openTracing(config: Config): Promise<Tracing | undefined> {
  const url = tracesUrl(config);
  if (url === undefined) return undefined;
  const { OtlpTracing } = await import('./otlp-tracing.js');
  const logger = new Logger('Tracing');
  return new OtlpTracing(config, url, (why) => logger.warn(why));
}

/** The URL that spans are sent to; undefined if tracing is off. */
function tracesUrl(config: Config): string | undefined {
  const { otelSdkDisabled, otelTracesExporter, otelEndpoint, otelTracesEndpoint } = config;
  if (otelSdkDisabled || otelTracesExporter === 'none') return undefined;
  if (otelTracesEndpoint !== undefined) return otelTracesEndpoint;
  if (otelEndpoint !== undefined) return `${otelEndpoint}/v1/traces`;
  return otelTracesExporter === 'otlp' ? 'http://localhost:4318/v1/traces' : undefined;
}
