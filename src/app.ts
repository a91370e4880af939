import { ConsoleLogger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import type { Config } from './config/config.js';
import { FaultFilter } from './http/faults/fault.filter.js';
import { httpAdapter } from './http/listener/http-adapter.js';
import { setRequestIds } from './http/request-id.js';
import { logRequests } from './http/request-log.js';
import { writeAnswersAsJson } from './http/shapes/write-json.js';
import { setNovaTypes } from './nova/nova-headers.js';
import { countRequests } from './operations/count-requests.js';
import { Metrics } from './operations/metrics.js';
import { traceRequests } from './tracing/trace-requests.js';
import { type Tracing, TRACING } from './tracing/tracing.js';

/** Creates the application, ready to listen or for injected requests; the database is open and migrated. */
export async function createApp(config: Config): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.with(config), httpAdapter(config), {
    abortOnError: false,
    bodyParser: false,
    logger: new ConsoleLogger({
      json: true,
      logLevels: config.logLevel === 'silent' ? [] : ['fatal', 'error', 'warn'],
    }),
  });
  configureApp(app);
  try {
    await app.init();
  } catch (error) {
    // Open resources, such as the database, would keep the process alive.
    await app.close();
    throw error;
  }
  return app;
}

/** Sets up what every application has around its modules. */
export function configureApp(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  setRequestIds(fastify);
  writeAnswersAsJson(fastify);
  setNovaTypes(fastify);
  logRequests(fastify);
  countRequests(fastify, app.get(Metrics));
  const tracing = app.get<Tracing | undefined>(TRACING);
  if (tracing) traceRequests(fastify, tracing);
  app.useGlobalFilters(new FaultFilter());
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
}
