import type { ErrorKind } from '../../domain/domain-error.js';

/** How a client sees a failure: the HTTP status and the name that the JSON object is wrapped in. */
export interface FaultForm {
  readonly code: number;
  readonly name: string;
}

/** The same with a sentence for OpenAPI and `docs/errors.md`. */
export interface DocumentedFault extends FaultForm {
  readonly meaning: string;
}

/** The names are Nova's (nova.api.openstack.wsgi.Fault); novaclient reads the message under whatever name comes first. */
export const FAULTS: Record<ErrorKind, DocumentedFault> = {
  malformed: { code: 400, name: 'badRequest', meaning: 'The request is invalid. The message names what to change.' },
  unauthenticated: { code: 401, name: 'unauthorized', meaning: 'The token is missing, expired or revoked.' },
  forbidden: { code: 403, name: 'forbidden', meaning: 'The caller is not allowed to do this, or has reached a quota.' },
  'not-found': {
    code: 404,
    name: 'itemNotFound',
    meaning: 'The resource does not exist, or the caller may not see it.',
  },
  unacceptable: { code: 406, name: 'computeFault', meaning: 'The microversion is not supported.' },
  conflict: { code: 409, name: 'conflictingRequest', meaning: 'The request conflicts with the current state.' },
  differs: { code: 409, name: 'keypairDiffers', meaning: 'The keypair has another key.' },
  'precondition-failed': {
    code: 412,
    name: 'preconditionFailed',
    meaning: 'The keypair is not in the state that If-Match or If-None-Match requires.',
  },
  'unsupported-media': { code: 415, name: 'badMediaType', meaning: 'The Content-Type of the body is not JSON.' },
  'over-quota': { code: 403, name: 'forbidden', meaning: 'The caller has reached a quota.' },
  'too-many': { code: 429, name: 'overLimit', meaning: 'The caller sends too many requests: see Retry-After.' },
  'not-implemented': {
    code: 501,
    name: 'notImplemented',
    meaning: 'The service needs a program that is not installed.',
  },
  unavailable: { code: 503, name: 'serviceUnavailable', meaning: 'The service cannot answer now: see Retry-After.' },
};

/** The one answer to every unexpected error; the log has its class and stack under the request id. */
export const UNFORESEEN: DocumentedFault = {
  code: 500,
  name: 'computeFault',
  meaning: 'An unexpected error. Send the X-OpenStack-Request-Id to the operator, who finds the cause in the log.',
};

/** The JSON body of a fault: `{"itemNotFound": {"code": 404, "message": "..."}}`. */
export function faultBody(form: FaultForm, message: string): Record<string, { code: number; message: string }> {
  return { [form.name]: { code: form.code, message } };
}
