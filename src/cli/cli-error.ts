import { EXIT, type ExitCode } from './exit-codes.js';

/** An error with what to do about it, on one line and without secrets. */
export class CliError extends Error {
  constructor(
    message: string,
    readonly exitCode: ExitCode = EXIT.failed,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'CliError';
  }
}

/** The user asked to stop. */
export class Interrupted extends CliError {
  constructor(message = 'Interrupted.') {
    super(message, EXIT.interrupted);
    this.name = 'Interrupted';
  }
}
