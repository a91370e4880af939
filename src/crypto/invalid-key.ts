import { DomainError } from '../domain/domain-error.js';

/** A public key or certificate that is refused. The message says what was wrong and what is wanted; it never quotes the key. */
export class InvalidKey extends DomainError {
  constructor(message: string, options?: ErrorOptions) {
    super('malformed', message, options);
  }
}
