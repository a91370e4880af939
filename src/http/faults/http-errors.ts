/**
 * No route has this path and method. Nova's router (WebOb) answers before versions are read, and not in the form of Nova's
 * faults, so it is no DomainError.
 */
export class RouteNotFound extends Error {
  readonly status = 404;
  readonly title = 'Not Found';

  constructor() {
    super('The resource could not be found.');
    this.name = 'RouteNotFound';
  }
}

/** The maximum size of a body in bytes, as in oslo.middleware. */
export const BODY_LIMIT = 114_688;

/** The body exceeds the limit. Nova's middleware for this (oslo.middleware) answers in WebOb's form too. */
export class BodyTooLarge extends Error {
  readonly status = 413;
  readonly title = 'Request Entity Too Large';

  constructor() {
    super(`Request is too large. Larger than max_request_body_size (${BODY_LIMIT}).`);
    this.name = 'BodyTooLarge';
  }
}
