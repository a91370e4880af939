import type { ErrorKind } from './domain-error.js';

/** How a client sees a failure: the HTTP status and the name that the JSON object is wrapped in. */
export interface FaultForm {
  readonly code: number;
  readonly name: string;
}

/** The names are Nova's (nova.api.openstack.wsgi.Fault); novaclient reads the message under whatever name comes first. */
export const FAULTS: Record<ErrorKind, FaultForm> = {
  malformed: { code: 400, name: 'badRequest' },
  unauthenticated: { code: 401, name: 'unauthorized' },
  forbidden: { code: 403, name: 'forbidden' },
  'not-found': { code: 404, name: 'itemNotFound' },
  unacceptable: { code: 406, name: 'computeFault' },
  conflict: { code: 409, name: 'conflictingRequest' },
  'unsupported-media': { code: 415, name: 'badMediaType' },
  'over-quota': { code: 403, name: 'forbidden' },
  'too-many': { code: 429, name: 'overLimit' },
  'not-implemented': { code: 501, name: 'notImplemented' },
  unavailable: { code: 503, name: 'serviceUnavailable' },
};

/** The one answer to what nobody foresaw; what happened is in the log under the request id. */
export const UNFORESEEN: FaultForm = { code: 500, name: 'computeFault' };

/** The JSON body of a fault: `{"itemNotFound": {"code": 404, "message": "..."}}`. */
export function faultBody(form: FaultForm, message: string): Record<string, { code: number; message: string }> {
  return { [form.name]: { code: form.code, message } };
}
