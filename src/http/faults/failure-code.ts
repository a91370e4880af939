import { DomainError } from '../../domain/domain-error.js';
import { KeystoneFault } from './keystone-fault.js';

/** The code of a refusal, or the class of an unexpected error, for logs and metrics. */
export function failureCode(failure: Error): string {
  return failure instanceof DomainError || failure instanceof KeystoneFault ? failure.code : failure.name;
}
