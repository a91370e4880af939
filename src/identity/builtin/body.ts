import { badRequest, type KeystoneFault } from '../../http/faults/keystone-fault.js';

/** Reads members of bodies of the Identity API. Messages quote no values: one of them may be a password. */

/** An object of a body. */
export type Fields = Readonly<Record<string, unknown>>;

/** Keystone's end of every message about a body. */
const MALFORMED =
  'The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.';

/** A 400. */
export function malformedRequest(message: string): KeystoneFault {
  return badRequest(`${message} ${MALFORMED}`);
}

/** The body of a request, which must be an object in JSON. Throws a KeystoneFault, 400. */
export function readBody(body: unknown): Fields {
  try {
    const value: unknown = JSON.parse(Buffer.isBuffer(body) ? body.toString() : '');
    if (isObject(value)) return value;
  } catch {
    // The answer does not depend on what is wrong with it.
  }
  throw malformedRequest('Expecting to find valid JSON in request body.');
}

/** The same, where no body at all is an empty object. */
export function readOptionalBody(body: unknown): Fields {
  return body === undefined || (Buffer.isBuffer(body) && body.length === 0) ? {} : readBody(body);
}

/** Throws a KeystoneFault, 400. */
export function readFields(value: unknown, where: string): Fields {
  if (isObject(value)) return value;
  throw malformedRequest(`Expecting to find ${where} as an object.`);
}

/** Throws a KeystoneFault, 400. */
export function readText(value: Fields, name: string, where: string): string {
  const found = value[name];
  if (typeof found === 'string') return found;
  throw malformedRequest(`Expecting to find ${name} in ${where}.`);
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
