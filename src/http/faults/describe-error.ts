import { DomainError } from '../../domain/domain-error.js';
import { KeystoneFault } from './keystone-fault.js';

/** The part of an error that may be logged: class, code and stack, without the values that a database error quotes. */
export function describeError(thrown: unknown): object {
  if (!(thrown instanceof Error)) return { name: typeof thrown };
  const { code } = thrown as NodeJS.ErrnoException;
  const frames = thrown.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  return { name: thrown.name, code, at: frames?.slice(0, 8).map((line) => line.trim()) };
}

/** The code of a refusal, or the class of an unexpected error, for logs and metrics. */
export function failureCode(failure: Error): string {
  return failure instanceof DomainError || failure instanceof KeystoneFault ? failure.code : failure.name;
}
