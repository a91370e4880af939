import type { OpenAPIObject } from '@nestjs/swagger';
import { type ErrorKind } from '../errors/domain-error.js';
import { type FaultForm, FAULTS, UNFORESEEN } from '../errors/faults.js';
import { BODY_LIMIT } from '../errors/http-errors.js';

/** The parts of a document that every operation has in common. */
type Components = Required<NonNullable<OpenAPIObject['components']>>;
type Schema = Components['schemas'][string];
type Response = Components['responses'][string];

/** What a client is told where something goes wrong, by the name of the component that says it. */
export const FAULT_RESPONSES = {
  BadRequest: { kind: 'malformed', says: 'The request cannot be done as asked. The message says what is wrong.' },
  Forbidden: { kind: 'forbidden', says: 'The caller may not do this, or may have no more of it.' },
  NotFound: { kind: 'not-found', says: 'There is no such thing, or none that the caller may see.' },
  NotAcceptable: { kind: 'unacceptable', says: 'The microversion is not offered.' },
  Conflict: { kind: 'conflict', says: 'The name is taken.' },
  UnsupportedMediaType: { kind: 'unsupported-media', says: 'The body is not JSON by its Content-Type.' },
  Unavailable: { kind: 'unavailable', says: 'The service cannot answer now and may soon: see Retry-After.' },
} as const satisfies Record<string, { kind: ErrorKind; says: string }>;

const VERSION_HEADERS = ['OpenStack-API-Version', 'X-OpenStack-Nova-API-Version', 'Vary'];
const ID_HEADERS = ['X-OpenStack-Request-Id', 'X-Compute-Request-Id'];

const referred = (names: string[]): Record<string, { $ref: string }> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

/** The headers of a successful answer. */
export const answerHeaders = (hasMicroversions: boolean): Record<string, { $ref: string }> =>
  referred([...(hasMicroversions ? VERSION_HEADERS : []), ...ID_HEADERS]);

/** The components that every document has; `version` is undefined for /v2. */
export function commonComponents(version: string | undefined): Pick<Components, 'headers' | 'responses' | 'schemas'> & {
  securitySchemes: Components['securitySchemes'];
} {
  // Without microversions none can be asked for in vain.
  const faults = Object.entries(FAULT_RESPONSES).filter(([name]) => name !== 'NotAcceptable' || version !== undefined);
  return {
    headers: {
      ...(version !== undefined && {
        'OpenStack-API-Version': header(
          'The microversion that counted, as in `compute 2.35`.',
          '^compute \\d+\\.\\d+$',
        ),
        'X-OpenStack-Nova-API-Version': header('The microversion that counted, as in `2.35`.', '^\\d+\\.\\d+$'),
        Vary: header('Caches keep answers of different microversions apart.'),
      }),
      'X-OpenStack-Request-Id': header('The id of the request, for the log.', '^req-[0-9a-f-]{36}$'),
      'X-Compute-Request-Id': header('The same id under its older name.', '^req-[0-9a-f-]{36}$'),
      'Retry-After': { description: 'Seconds to wait before another try.', schema: { type: 'integer' } },
      'WWW-Authenticate': header('How to authenticate.'),
    },
    responses: {
      ...Object.fromEntries(faults.map(([name, { says }]) => [name, faultResponse(name, says)])),
      Unauthorized: {
        description: 'Nobody is known by the token.',
        headers: referred(['WWW-Authenticate', ...ID_HEADERS]),
        content: json('Unauthorized'),
      },
      BodyTooLarge: {
        description: `The body has more than ${BODY_LIMIT} bytes.`,
        content: { 'text/plain': { schema: { type: 'string' } } },
      },
      Unforeseen: faultResponse(
        'Unforeseen',
        'Something that nobody foresaw. The log tells more under the request id.',
      ),
    },
    schemas: {
      ...Object.fromEntries(faults.map(([name, { kind }]) => [name, faultSchema(FAULTS[kind])])),
      Unforeseen: faultSchema(UNFORESEEN),
      Unauthorized: closed({
        error: closed({
          code: { type: 'integer', enum: [401] },
          title: { type: 'string' },
          message: { type: 'string' },
        }),
      }),
    },
    securitySchemes: {
      token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token', description: 'A token of the identity service.' },
      basic: { type: 'http', scheme: 'basic', description: 'Where AUTH_MODE is http_basic.' },
    },
  };
}

/** An object with exactly these properties; those whose names end with `?` may be absent. */
export function closed(properties: Record<string, Schema>, isClosed = true): Schema {
  const names = Object.keys(properties).filter((name) => !name.endsWith('?'));
  return {
    type: 'object',
    ...(names.length > 0 && { required: names }),
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [name.replace(/\?$/, ''), schema]),
    ),
    additionalProperties: !isClosed,
  };
}

const json = (name: string) => ({ 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } });

const header = (description: string, pattern?: string) => ({
  description,
  schema: { type: 'string', ...(pattern !== undefined && { pattern }) } as const,
});

function faultResponse(name: string, description: string): Response {
  const headers = referred([...(name === 'Unavailable' ? ['Retry-After'] : []), ...ID_HEADERS]);
  return { description, headers, content: json(name) };
}

function faultSchema({ name, code }: FaultForm): Schema {
  return closed({ [name]: closed({ code: { type: 'integer', enum: [code] }, message: { type: 'string' } }) });
}
