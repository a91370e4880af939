import type { OpenAPIObject } from '@nestjs/swagger';
import type { ErrorKind } from '../domain/domain-error.js';
import { type FaultForm, FAULTS, UNFORESEEN } from '../http/faults/faults.js';
import { BODY_LIMIT } from '../http/faults/http-errors.js';

/** The parts of a document that its operations share. */
export type Components = Required<NonNullable<OpenAPIObject['components']>>;
export type Schema = Components['schemas'][string];
type Response = Components['responses'][string];
type Header = Components['headers'][string];

/** How the answers of an API look, whatever the route. */
export interface ApiConventions {
  /** Names of the headers that every successful answer has. */
  readonly answerHeaders: (path: string) => readonly string[];
  readonly refusals: readonly RefusalForm[];
  /** The refusals that every route may return, and those that every route with a body may return, besides the ones that a route names. */
  readonly always: (path: string) => readonly RefusalKind[];
  readonly withBody: readonly RefusalKind[];
  /** Whether a route requires no token. */
  readonly isOpen: (path: string, method: string) => boolean;
  readonly headers: Readonly<Record<string, Header>>;
  readonly securitySchemes: Components['securitySchemes'];
}

/** `log-in` instead of `unauthenticated`: of the route that logs in. */
type RefusalKind = ErrorKind | 'log-in' | 'not-modified' | 'too-large' | 'unforeseen';

/** A refusal as a component: its name is that of the response and of the schema of its body. */
export interface RefusalForm {
  readonly kind: RefusalKind;
  readonly name: string;
  readonly status: number;
  readonly description: string;
  readonly headers: readonly string[];
  /** Of its JSON; undefined where it is text alone. */
  readonly schema: Schema | undefined;
  /** Whether clients that do not accept JSON get text. */
  readonly isText?: true;
}

const TEXT = { type: 'string' } as const;

/** An object with exactly these properties; those whose names end with `?` may be absent. */
export function buildObjectSchema(properties: Record<string, Schema>, isClosed = true): Schema {
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

export const referred = (names: readonly string[]): Record<string, { $ref: string }> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

/** A refusal as a response of a document. */
export function responseOf({ name, description, headers, schema, isText }: RefusalForm): Response {
  return {
    description,
    ...(headers.length > 0 && { headers: referred(headers) }),
    ...((isText || schema) && {
      content: {
        ...(isText && { 'text/plain': { schema: TEXT } }),
        ...(schema && { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } }),
      },
    }),
  };
}

const header = (description: string, pattern?: string): Header => ({
  description,
  schema: { type: 'string', ...(pattern !== undefined && { pattern }) },
});

const HEADERS: Readonly<Record<string, Header>> = {
  'OpenStack-API-Version': header('The microversion that was used, such as `compute 2.35`.', '^compute \\d+\\.\\d+$'),
  'X-OpenStack-Nova-API-Version': header('The microversion that was used, such as `2.35`.', '^\\d+\\.\\d+$'),
  Vary: header('The request headers on which the response depends, for caches.'),
  'X-OpenStack-Request-Id': header('The id of the request, as in the log.', '^req-[0-9a-f-]{36}$'),
  'X-Compute-Request-Id': header('The same id under its older name.', '^req-[0-9a-f-]{36}$'),
  'X-Subject-Token': header('The token that the response describes; after a log-in, the new token.'),
  'Openstack-Auth-Receipt': {
    ...header('The receipt of a log-in that requires another method; send it with the next log-in.'),
    required: false,
  },
  'Cache-Control': header('The response must not be cached.', '^no-store$'),
  'X-Content-Type-Options': header('Browsers must not guess the content type.', '^nosniff$'),
  'Content-Disposition': header('The name of the file.', '^attachment; filename="[^"]+"$'),
  Link: { ...header('The next page, if there may be one (RFC 8288).', '^<[^>]+>; rel="next"$'), required: false },
  ETag: header('The version of the keypair, in quotes, for If-Match and If-None-Match.', '^"[0-9]+"$'),
  'Retry-After': {
    description: 'The number of seconds to wait before retrying.',
    schema: { type: 'integer', minimum: 1 },
  },
  'WWW-Authenticate': header('How to authenticate.'),
};

const VERSION_HEADERS = ['OpenStack-API-Version', 'X-OpenStack-Nova-API-Version', 'Vary'];
const ID_HEADERS = ['X-OpenStack-Request-Id', 'X-Compute-Request-Id'];

/** Nova's faults by the name of their component in the document. */
const NOVA_REFUSALS: Readonly<Record<string, ErrorKind>> = {
  BadRequest: 'malformed',
  Forbidden: 'forbidden',
  NotFound: 'not-found',
  NotAcceptable: 'unacceptable',
  Conflict: 'conflict',
  KeypairDiffers: 'differs',
  PreconditionFailed: 'precondition-failed',
  UnsupportedMediaType: 'unsupported-media',
  RateLimited: 'too-many',
  NotImplemented: 'not-implemented',
  Unavailable: 'unavailable',
};

const WAITING: readonly ErrorKind[] = ['too-many', 'unavailable'];

const BODY_TOO_LARGE: RefusalForm = {
  kind: 'too-large',
  name: 'BodyTooLarge',
  status: 413,
  description: `The body has more than ${BODY_LIMIT} bytes.`,
  headers: [],
  schema: undefined,
  isText: true,
};

/** Nova's faults, and the 401 of keystonemiddleware in front of it. */
const NOVA: readonly RefusalForm[] = [
  {
    kind: 'not-modified',
    name: 'NotModified',
    status: 304,
    description: 'Not modified: If-None-Match has the current ETag.',
    headers: ['ETag', ...ID_HEADERS],
    schema: undefined,
  },
  ...Object.entries(NOVA_REFUSALS).map(([name, kind]) => ({
    kind,
    name,
    status: FAULTS[kind].code,
    description: FAULTS[kind].meaning,
    headers: [...(WAITING.includes(kind) ? ['Retry-After'] : []), ...ID_HEADERS],
    schema: faultSchema(FAULTS[kind]),
  })),
  {
    kind: 'unauthenticated',
    name: 'Unauthorized',
    status: 401,
    description: FAULTS.unauthenticated.meaning,
    headers: ['WWW-Authenticate', ...ID_HEADERS],
    schema: keystoneSchema(401),
  },
  BODY_TOO_LARGE,
  unforeseenForm(ID_HEADERS),
];

const TOKEN = {
  token: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Auth-Token',
    description: 'A token of the identity service, which returns it at log-in in the header X-Subject-Token.',
  },
} as const satisfies Components['securitySchemes'];
const TOKEN_OR_BASIC: Components['securitySchemes'] = {
  ...TOKEN,
  basic: { type: 'http', scheme: 'basic', description: 'If AUTH_MODE is http_basic.' },
};

/** Errors of every route that authenticates. */
const FOR_CALLERS: readonly RefusalKind[] = ['unauthenticated', 'too-many', 'unforeseen', 'unavailable'];

/** The API of guests, and others under /v1: Nova's faults, and no microversions. */
export const GUESTS_FORM: ApiConventions = {
  answerHeaders: () => ID_HEADERS,
  refusals: NOVA,
  always: () => FOR_CALLERS,
  withBody: ['malformed', 'too-large', 'unsupported-media'],
  isOpen: () => false,
  headers: HEADERS,
  securitySchemes: TOKEN_OR_BASIC,
};

/** The compute API; /v2 has no microversions, so it never answers 406. */
export const computeForm = (hasMicroversions: boolean): ApiConventions => ({
  ...GUESTS_FORM,
  answerHeaders: () => [...(hasMicroversions ? VERSION_HEADERS : []), ...ID_HEADERS],
  always: () => ['malformed', ...(hasMicroversions ? ['unacceptable' as const] : []), ...FOR_CALLERS],
  withBody: ['too-large', 'unsupported-media'],
});

const isSshCa = (path: string): boolean => path.startsWith('/ssh-ca');

/** The API of SSH certificates: as that of guests, and open where hosts read. */
export const SSH_CERTIFICATES_FORM: ApiConventions = {
  ...GUESTS_FORM,
  always: (path) => (isSshCa(path) ? ['unforeseen', 'unavailable'] : FOR_CALLERS),
  isOpen: isSshCa,
  headers: {
    ...HEADERS,
    ETag: header('The version of the list, in quotes, for If-None-Match.', '^"[A-Za-z0-9_-]{43}"$'),
  },
};

const IDENTITY_HEADERS = ['X-OpenStack-Request-Id', 'Vary', 'Cache-Control'];

/** Its version documents. */
const IDENTITY_VERSIONS = ['/', '/v3'];

const LOG_IN_METHODS: Schema = {
  type: 'object',
  description: 'The supported methods; present if the method or scope of the log-in was refused.',
};

/** The answer to a log-in with one of several required methods. */
const RECEIPT: Schema = buildObjectSchema({
  receipt: buildObjectSchema({
    methods: { type: 'array', items: TEXT },
    user: buildObjectSchema({ id: TEXT, name: TEXT, domain: buildObjectSchema({ id: TEXT, name: TEXT }) }),
    expires_at: TEXT,
    issued_at: TEXT,
  }),
  required_auth_methods: { type: 'array', items: { type: 'array', items: TEXT } },
});

const LOG_IN_REFUSED: RefusalForm = {
  kind: 'log-in',
  name: 'LogInRefused',
  status: 401,
  description:
    'The credentials are wrong (with WWW-Authenticate), or the log-in requires another method (with a receipt).',
  headers: ['Openstack-Auth-Receipt', ...IDENTITY_HEADERS],
  schema: { oneOf: [keystoneSchema(401, { 'identity?': LOG_IN_METHODS }), RECEIPT] },
};

/** The Identity API, whose refusals are Keystone's. */
export const IDENTITY_FORM: ApiConventions = {
  answerHeaders: () => IDENTITY_HEADERS,
  refusals: [
    keystone('malformed', 'BadRequest', 400, 'The body is invalid. The message names what to change.'),
    keystone('unauthenticated', 'Unauthorized', 401, 'The token is missing, expired or revoked.', 'WWW-Authenticate'),
    LOG_IN_REFUSED,
    keystone('forbidden', 'Forbidden', 403, 'Only administrators, or the user concerned, may do this.'),
    keystone('not-found', 'NotFound', 404, 'The resource does not exist.'),
    keystone('conflict', 'Conflict', 409, 'The name is already in use.'),
    keystone('too-many', 'TooManyRequests', 429, 'Too many failed log-ins: see Retry-After.', 'Retry-After'),
    keystone('unavailable', 'Unavailable', 503, 'The service cannot answer now: see Retry-After.', 'Retry-After'),
    BODY_TOO_LARGE,
    unforeseenForm(IDENTITY_HEADERS),
  ],
  always: (path) => (IDENTITY_VERSIONS.includes(path) ? [] : ['unauthenticated', 'unforeseen', 'unavailable']),
  withBody: ['malformed', 'too-large'],
  isOpen: (path, method) => IDENTITY_VERSIONS.includes(path) || (path === '/v3/auth/tokens' && method === 'post'),
  headers: HEADERS,
  securitySchemes: TOKEN,
};

/** The version documents, which need no token. Those of the compute API have its headers. */
export const VERSIONS_FORM: ApiConventions = {
  answerHeaders: (path) => [...(path === '/' ? [] : ID_HEADERS), ...(path.startsWith('/v2.1') ? VERSION_HEADERS : [])],
  refusals: NOVA,
  always: () => [],
  withBody: [],
  isOpen: () => true,
  headers: HEADERS,
  securitySchemes: {},
};

const PROBE_HEADERS = ['Cache-Control', 'X-Content-Type-Options'];

/** The probes. */
export const PROBES_FORM: ApiConventions = {
  ...VERSIONS_FORM,
  answerHeaders: () => PROBE_HEADERS,
  refusals: [
    {
      kind: 'unavailable',
      name: 'Unhealthy',
      status: 503,
      description: 'A dependency of the service is unavailable. The body says which one and why.',
      headers: PROBE_HEADERS,
      schema: { $ref: '#/components/schemas/DetailedHealth' },
      isText: true,
    },
  ],
};

function keystone(kind: ErrorKind, name: string, status: number, description: string, ...own: string[]): RefusalForm {
  const headers = [...own, ...IDENTITY_HEADERS];
  return { kind, name, status, description, headers, schema: keystoneSchema(status) };
}

function unforeseenForm(headers: readonly string[]): RefusalForm {
  const { code: status, meaning: description } = UNFORESEEN;
  return { kind: 'unforeseen', name: 'Unforeseen', status, description, headers, schema: faultSchema(UNFORESEEN) };
}

function faultSchema({ name, code }: FaultForm): Schema {
  return buildObjectSchema({
    [name]: buildObjectSchema({ code: { type: 'integer', enum: [code] }, message: TEXT }),
  });
}

function keystoneSchema(code: number, more: Record<string, Schema> = {}): Schema {
  return buildObjectSchema({
    error: buildObjectSchema({
      code: { type: 'integer', enum: [code] },
      title: TEXT,
      message: TEXT,
      ...more,
    }),
  });
}
