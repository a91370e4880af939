import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { DomainError } from '../../domain/domain-error.js';
import { FaultFilter } from '../../http/faults/fault.filter.js';
import { RouteNotFound } from '../../http/faults/http-errors.js';
import { KeystoneFault } from '../../http/faults/keystone-fault.js';

/** Answers errors in Keystone's form. */
@Catch()
export class IdentityFaultFilter implements ExceptionFilter {
  private readonly filter = new FaultFilter();

  catch(thrown: unknown, host: ArgumentsHost): void {
    this.filter.catch(inKeystonesForm(thrown), host);
  }
}

function inKeystonesForm(thrown: unknown): unknown {
  if (thrown instanceof RouteNotFound) {
    return new KeystoneFault('not-found', 'The resource could not be found.');
  }
  if (thrown instanceof DomainError) {
    return thrown.kind === 'unavailable'
      ? new KeystoneFault('unavailable', thrown.message, { 'Retry-After': '1' }, { cause: thrown })
      : new KeystoneFault('bad-request', thrown.message, {}, { cause: thrown });
  }
  return thrown;
}
