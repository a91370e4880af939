import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { DomainError } from '../../domain/domain-error.js';
import { FaultFilter } from '../../http/faults/fault.filter.js';
import { FAULTS } from '../../http/faults/faults.js';
import { RouteNotFound } from '../../http/faults/http-errors.js';
import { KeystoneFault } from '../../http/faults/keystone-fault.js';

/** Puts whatever was thrown into the form that Keystone's clients read. */
@Catch()
export class IdentityFaultFilter implements ExceptionFilter {
  private readonly filter = new FaultFilter();

  catch(thrown: unknown, host: ArgumentsHost): void {
    this.filter.catch(inKeystonesForm(thrown), host);
  }
}

function inKeystonesForm(thrown: unknown): unknown {
  if (thrown instanceof RouteNotFound) {
    return new KeystoneFault(404, 'Not Found', 'The resource could not be found.');
  }
  if (thrown instanceof DomainError) {
    const { code } = FAULTS[thrown.kind];
    const isUnavailable = thrown.kind === 'unavailable';
    const headers: Record<string, string> = isUnavailable ? { 'Retry-After': '1' } : {};
    const title = isUnavailable ? 'Service Unavailable' : 'Bad Request';
    return new KeystoneFault(code, title, thrown.message, headers, { cause: thrown });
  }
  return thrown;
}
