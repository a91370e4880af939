import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import type { ClassConstructor } from 'class-transformer';
import type { ResponseForm } from '../http/shapes/response-form.js';
import type { Resource } from './resources.js';

/** What answers about limits hold, for OpenAPI; the views write them. The properties are those that a contract names. */

export class QuotaDetail {
  @ApiProperty({ type: 'integer', enum: [0], description: 'Always 0, as in Nova, which does not count it.' })
  in_use: number;
  @ApiProperty({ type: 'integer', minimum: -1 }) limit: number;
  @ApiProperty({ type: 'integer', enum: [0] }) reserved: number;
}

export class NoRateLimit {}

const ID = { id: { type: 'string', description: 'The project.' } } as const;
const LIMIT = { type: 'integer', minimum: -1 } as const;

/** The answers of os-quota-sets; `name` ends the names of their schemas. */
export function quotaSetReplies(
  name: string,
  resources: readonly Resource[],
): Record<'showReply' | 'detailReply' | 'changeReply', ResponseForm> {
  const limits = each(resources, LIMIT);
  const details = each(resources, { type: QuotaDetail });
  return {
    showReply: { quota_set: describe(`ShownQuotaSet${name}`, { ...ID, ...limits }) },
    detailReply: { quota_set: describe(`DetailedQuotaSet${name}`, { ...ID, ...details }) },
    changeReply: { quota_set: describe(`ChangedQuotaSet${name}`, limits) },
  };
}

/** The answer of limits: those with these names. */
export function limitsReply(name: string, limits: readonly string[]): ResponseForm {
  return { limits: { rate: [NoRateLimit], absolute: describe(`AbsoluteLimits${name}`, each(limits, LIMIT)) } };
}

const each = (names: readonly string[], options: ApiPropertyOptions): Record<string, ApiPropertyOptions> =>
  Object.fromEntries(names.map((name) => [name, options]));

/** A class of this name with these properties. */
function describe(name: string, properties: Record<string, ApiPropertyOptions>): ClassConstructor<object> {
  const shape = { [name]: class {} }[name];
  for (const [property, options] of Object.entries(properties)) ApiProperty(options)(shape.prototype, property);
  return shape;
}
