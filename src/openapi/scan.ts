import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { type Config, readConfig } from '../config/config.js';
import { httpAdapter } from '../http/listener/http-adapter.js';
import { documentSources } from './sources.js';

/** What @nestjs/swagger reads off the controllers, with the schema of every class that a contract names. Nothing is started. */
export async function scannedRoutes(appModule: (config: Config) => DynamicModule): Promise<OpenAPIObject> {
  const config = readConfig({ LOG_LEVEL: 'silent' });
  const app = await NestFactory.create(appModule(config), httpAdapter(config), { preview: true, logger: false });
  const classes = documentSources().flatMap(({ parts }) =>
    Object.values(parts).flatMap(({ contract }) => classesIn(contract)),
  );
  return SwaggerModule.createDocument(app, new DocumentBuilder().build(), { extraModels: [...new Set(classes)] });
}

/** The classes in a value, however deep. */
function classesIn(value: unknown): (() => void)[] {
  if (typeof value === 'function') return [value as () => void];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(classesIn) : [];
}
