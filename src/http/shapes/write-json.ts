import type { FastifyInstance } from 'fastify';
import { SerializedArray } from '../../domain/serialized-array.js';

/** Writes answers as JSON, in the type `application/json`: Fastify adds a charset, and neither Nova nor Keystone does. */
export function writeAnswersAsJson(fastify: FastifyInstance): void {
  // Fastify sends a Buffer as well; its types know of texts only.
  fastify.setReplySerializer(writeJson as (payload: unknown) => string);
  fastify.addHook('preSerialization', (_request, reply, payload, done) => {
    reply.header('Content-Type', 'application/json');
    done(null, payload);
  });
}

/** The JSON of an answer. Its members, no deeper values, may be a {@link SerializedArray}. */
function writeJson(value: unknown): string | Buffer {
  return holdsSerialized(value) ? join(value) : JSON.stringify(value);
}

function holdsSerialized(value: unknown): value is object {
  for (const member in value as object) {
    if ((value as Record<string, unknown>)[member] instanceof SerializedArray) return true;
  }
  return false;
}

function join(value: object): string | Buffer {
  const parts = Object.entries(value).flatMap(([name, member], index) => [
    `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`,
    ...(member instanceof SerializedArray ? arrayOf(member) : [JSON.stringify(member)]),
  ]);
  parts.push('}');
  if (parts.every((part) => typeof part === 'string')) return parts.join('');
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}

function arrayOf({ parts }: SerializedArray): (string | Buffer)[] {
  return ['[', ...parts.flatMap((part, index) => (index === 0 ? [part] : [',', part])), ']'];
}
