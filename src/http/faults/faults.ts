import type { ErrorKind } from '../../domain/domain-error.js';

/** How a client sees a failure: the HTTP status and the name that the JSON object is wrapped in. */
export interface FaultForm {
  readonly code: number;
  readonly name: string;
}

/** The same with what a client may do about it, for OpenAPI and `docs/errors.md`. */
export interface DocumentedFault extends FaultForm {
  readonly says: string;
  readonly remedy: string;
}

/** The names are Nova's (nova.api.openstack.wsgi.Fault); novaclient reads the message under whatever name comes first. */
export const FAULTS: Record<ErrorKind, DocumentedFault> = {
  malformed: {
    code: 400,
    name: 'badRequest',
    says: 'The request cannot be done as asked. The message says what is wrong.',
    remedy: 'Change what the message names. The same request again is refused again.',
  },
  unauthenticated: {
    code: 401,
    name: 'unauthorized',
    says: 'Nobody is known by the token.',
    remedy:
      'Log in again: tokens expire, and a new password voids the old ones. WWW-Authenticate names the identity service.',
  },
  forbidden: {
    code: 403,
    name: 'forbidden',
    says: 'The caller may not do this, or may have no more of it.',
    remedy: 'Ask as the owner, or have an administrator do it; POLICY_FILE changes who may do what.',
  },
  'not-found': {
    code: 404,
    name: 'itemNotFound',
    says: 'There is no such thing, or none that the caller may see.',
    remedy: 'Look at the list for the name or id. Names differ by case, and keypairs by owner.',
  },
  unacceptable: {
    code: 406,
    name: 'computeFault',
    says: 'The microversion is not offered.',
    remedy: 'Ask for one of the range in the message; `GET /v2.1` tells it as well.',
  },
  conflict: {
    code: 409,
    name: 'conflictingRequest',
    says: 'What is asked for clashes with what is there.',
    remedy:
      'Choose another name, id or address, or delete what has it. Where something changed meanwhile, look and try again.',
  },
  'unsupported-media': {
    code: 415,
    name: 'badMediaType',
    says: 'The body is not JSON by its Content-Type.',
    remedy: 'Send JSON with `Content-Type: application/json`.',
  },
  'over-quota': {
    code: 403,
    name: 'forbidden',
    says: 'The caller may have no more.',
    remedy: 'Delete what is not needed, or have an administrator raise the quota (os-quota-sets, KEYPAIR_QUOTA).',
  },
  'too-many': {
    code: 429,
    name: 'overLimit',
    says: 'The caller asks more often than RATE_LIMIT allows: see Retry-After.',
    remedy: 'Wait as many seconds as Retry-After says.',
  },
  'not-implemented': {
    code: 501,
    name: 'notImplemented',
    says: 'The service lacks a program that an operator may install.',
    remedy: 'Have the operator install what the message names, or ask for the other form that it names.',
  },
  unavailable: {
    code: 503,
    name: 'serviceUnavailable',
    says: 'The service cannot answer now and may soon: see Retry-After.',
    remedy:
      'Try again after the seconds of Retry-After. A create may have happened all the same: look before trying again.',
  },
};

/** The one answer to what nobody foresaw; what happened is in the log under the request id. */
export const UNFORESEEN: DocumentedFault = {
  code: 500,
  name: 'computeFault',
  says: 'Something that nobody foresaw. The log tells more under the request id.',
  remedy: 'Give the operator the X-OpenStack-Request-Id of the answer: the log has what happened under it.',
};

/** The JSON body of a fault: `{"itemNotFound": {"code": 404, "message": "..."}}`. */
export function faultBody(form: FaultForm, message: string): Record<string, { code: number; message: string }> {
  return { [form.name]: { code: form.code, message } };
}
