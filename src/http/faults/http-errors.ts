/**
 * No route claims this path and method. Nova tells it before it reads versions, in the words of its router (WebOb) and not
 * as one of its faults, so it is no DomainError.
 */
export class RouteNotFound extends Error {
  readonly status = 404;
  readonly title = 'Not Found';

  constructor() {
    super('The resource could not be found.');
    this.name = 'RouteNotFound';
  }
}

/** Bytes of a body that are read, as oslo.middleware has it. */
export const BODY_LIMIT = 114_688;

/** The body is larger than is read. Nova's body limit (oslo.middleware) tells it in WebOb's form too. */
export class BodyTooLarge extends Error {
  readonly status = 413;
  readonly title = 'Request Entity Too Large';

  constructor() {
    super(`Request is too large. Larger than max_request_body_size (${BODY_LIMIT}).`);
    this.name = 'BodyTooLarge';
  }
}
