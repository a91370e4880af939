import { excerpt } from '../../domain/excerpt.js';

/** The faults of the built-in identity. docs/errors.md is printed from it. */
export const KEYSTONE_FAULTS = {
  'bad-request': {
    status: 400,
    title: 'Bad Request',
    meaning: 'The body or the filter of a list is invalid.',
    remedy: 'Correct what the message names; the OpenAPI document of the Identity API has an example.',
  },
  unauthorized: {
    status: 401,
    title: 'Unauthorized',
    meaning: 'User, password, token or scope is wrong; the response does not reveal which.',
    remedy: 'Log in again. Tokens expire, and a new password revokes the old ones.',
  },
  forbidden: {
    status: 403,
    title: 'Forbidden',
    meaning: 'The policy does not permit this action.',
    remedy: 'Ask an administrator.',
  },
  'not-found': {
    status: 404,
    title: 'Not Found',
    meaning: 'The user, project, domain, token or path does not exist.',
    remedy: 'List the resources to find the right name or id.',
  },
  conflict: {
    status: 409,
    title: 'Conflict',
    meaning: 'The name is already in use.',
    remedy: 'Choose another name.',
  },
  'too-many-failures': {
    status: 429,
    title: 'Too Many Requests',
    meaning: 'Too many failed log-ins of the user or from the address.',
    remedy: 'Wait as long as Retry-After says, and use the right password.',
  },
  unavailable: {
    status: 503,
    title: 'Service Unavailable',
    meaning: 'The database does not answer, or too many passwords are waiting to be checked.',
    remedy: 'Retry after the number of seconds in Retry-After.',
  },
} as const;

export type KeystoneCode = keyof typeof KEYSTONE_FAULTS;

/**
 * A refusal in the form of Keystone, `{"error": {"code", "title", "message"}}`. The built-in identity answers with it, and so
 * does keystonemiddleware in front of Nova where a token is missing or bad.
 */
export class KeystoneFault extends Error {
  readonly status: number;
  readonly title: string;
  private readonly identity: object | undefined;

  constructor(
    readonly code: KeystoneCode,
    message: string,
    /** Headers that belong to it: WWW-Authenticate for every 401 (RFC 9110, 15.5.2), Retry-After. */
    readonly headers: Readonly<Record<string, string>> = {},
    /** `identity` is for log-ins: Keystone lists there what it would take. */
    { identity, ...options }: ErrorOptions & { readonly identity?: object } = {},
  ) {
    super(message, options);
    this.identity = identity;
    this.name = 'KeystoneFault';
    ({ status: this.status, title: this.title } = KEYSTONE_FAULTS[code]);
  }

  /** The JSON body of the answer. */
  body(): string {
    return JSON.stringify({
      error: { code: this.status, title: this.title, message: this.message, identity: this.identity },
    });
  }
}

/** Keystone's words for every 401 that must not reveal more. */
export const AUTHENTICATION_REQUIRED = 'The request you have made requires authentication.';

/** The value of WWW-Authenticate as keystonemiddleware writes it: the URL that issues tokens. */
export const keystoneChallenge = (url: string): string => `Keystone uri="${url}"`;

/** A 401. `challenge` is for WWW-Authenticate. */
export function unauthorized(
  challenge: string,
  message = AUTHENTICATION_REQUIRED,
  options?: { readonly identity: object },
): KeystoneFault {
  return new KeystoneFault('unauthorized', message, { 'WWW-Authenticate': challenge }, options);
}

export const badRequest = (message: string): KeystoneFault => new KeystoneFault('bad-request', message);

/** A 403, in Keystone's words. */
export function notAuthorized(action: string): KeystoneFault {
  return new KeystoneFault('forbidden', `You are not authorized to perform the requested action: ${action}.`);
}

/** A 404 for `what`, as in `user: 1234`. */
export function notFound(what: string): KeystoneFault {
  return new KeystoneFault('not-found', `Could not find ${excerpt(what)}.`);
}
